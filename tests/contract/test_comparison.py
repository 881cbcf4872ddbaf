"""Does the comparison see a breach of each kind, and only those?"""

from pathlib import Path

from graphql import build_schema

from tests.contract.comparison import breaches

CONTRACT = build_schema("""
    interface Named { name: String! }
    type Query { shop(first: Int = 20, after: String): Shop! }
    type Shop implements Named { name: String!  open: Boolean! }
    input Order { sku: String!  quantity: Int! = 1 }
""")


def test_a_schema_that_only_adds_optional_things_keeps_the_contract():
    schema = build_schema("""
        interface Named { name: String! }
        scalar Date
        type Query { shop(first: Int = 20, after: String = null, near: String): Shop!  today: Date }
        type Shop implements Named { name: String!  open: Boolean!  since: Date }
        input Order { sku: String!  quantity: Int! = 1  gift: Boolean! = false }
    """)
    assert list(breaches(CONTRACT, schema)) == []


def test_every_kind_of_breach_is_named():
    schema = build_schema("""
        interface Named { name: String! }
        type Query { shop(first: Int = 50, where: String!): Shop }
        type Shop { name: String! }
        input Order { sku: ID!  quantity: Int! = 1  gift: Boolean! }
    """)
    assert list(breaches(CONTRACT, schema)) == [
        "Query.shop: Shop, not Shop!",
        "Query.shop(first): default 50, not 20",
        "Query.shop(after): missing",
        "Query.shop(where): required, and not in the contract",
        "Shop: does not implement Named",
        "Shop.open: missing",
        "Order(sku): ID!, not String!",
        "Order(gift): required, and not in the contract",
    ]


def test_a_type_that_is_gone_or_of_another_kind_is_named():
    schema = build_schema("""
        type Named { name: String! }
        type Query { shop(first: Int = 20, after: String): Shop! }
        type Shop { name: String!  open: Boolean! }
    """)
    assert list(breaches(CONTRACT, schema)) == [
        "Named: GraphQLObjectType, not GraphQLInterfaceType",
        "Shop: does not implement Named",
        "Order: missing",
    ]


def test_the_contract_itself_is_a_valid_schema():
    text = (Path(__file__).parent / "CONTRACT.graphql").read_text(encoding="utf-8")
    assert build_schema(text).query_type is not None
