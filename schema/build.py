"""What is served, and how is it written down?"""

from functools import cache

from strawberry.printer import print_schema

from schema.credit import CreditEntry
from schema.execution import PlainExecutor
from schema.limits.execution import LimitedSchema
from schema.lottery import Draw
from schema.members import Member
from schema.mutations import Mutation
from schema.points import PointsEntry
from schema.programme import Money
from schema.queries import Query
from schema.refusals import REFUSAL_TYPES
from schema.rewards import Redemption, Reward
from schema.scalars import config
from schema.subscriptions import Subscription


@cache
def build() -> LimitedSchema:
    """The one schema of the process."""
    return LimitedSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[
            *REFUSAL_TYPES,
            *(Member, PointsEntry, CreditEntry, Reward, Redemption, Draw, Money),
        ],
        config=config(),
        execution_context_class=PlainExecutor,
    )


def sdl() -> str:
    """The schema as clients read it; `schema/schema.graphql` is a copy."""
    return print_schema(build()) + "\n"
