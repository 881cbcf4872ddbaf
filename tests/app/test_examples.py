"""Would every operation that GraphiQL offers be accepted?"""

import pytest
from graphql import parse, validate

from app.examples import EXAMPLES
from app.graphiql import Example, page
from schema.build import build


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_is_valid(example: Example):
    assert validate(build()._schema, parse(example.query)) == []


def test_the_page_offers_them_all():
    assert all(example.title in page(EXAMPLES) for example in EXAMPLES)
