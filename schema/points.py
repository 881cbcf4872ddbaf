"""How do a member's points and each movement of them look?"""

from datetime import datetime

import strawberry

from domain.dashboard import model
from domain.dashboard.model import Part
from kit.ids import global_id
from kit.paging import Page
from resolvers.ids import number_as_uuid
from schema.node import Node
from schema.paging import Connection, PageInfo
from schema.scalars import Points


@strawberry.type
class PointsSummary:
    """Balances now, with everything due posted."""

    available: Points = strawberry.field(description="To be spent; less what is owed, if shown.")
    pending: Points = strawberry.field(description="Earned, not yet spendable.")
    held: Points = strawberry.field(description="Set aside for something under way.")
    expiring_within_30_days: Points = strawberry.field(name="expiringWithin30Days")
    lifetime_earned: Points = strawberry.field(description="Earned less taken back.")
    parts: strawberry.Private[dict[Part, object]]

    @strawberry.field(description="What was available at that instant.")
    def as_of(self, at: datetime) -> Points:
        found = self.parts[Part("as_of", (at,))]
        assert isinstance(found, int)
        return found

    @classmethod
    def of(cls, points: model.Points, parts: dict[Part, object]) -> "PointsSummary":
        return cls(
            available=points.available,
            pending=points.pending,
            held=points.held,
            expiring_within_30_days=points.expiring_within_30_days,
            lifetime_earned=points.lifetime_earned,
            parts=parts,
        )


@strawberry.type
class PointsEntry(Node):
    """A movement across the boundary of a wallet of points, COMMUNITY or GROWTH."""

    amount: Points = strawberry.field(description="Signed: negative where any left.")
    currency: str = strawberry.field(description="POINTS, COMMUNITY or GROWTH.")
    kind: str
    reason: str
    occurred_at: datetime
    expires_at: datetime | None
    explanation: str = strawberry.field(
        description="Why it is this amount: programme version, inputs, multipliers, caps,"
        " rounding, in the viewer's language."
    )

    @classmethod
    def of(cls, entry: model.Entry) -> "PointsEntry":
        kind, number = f"{entry.currency.capitalize()}Entry", number_as_uuid(entry.seq)
        return cls(
            id=strawberry.ID(global_id(kind, entry.member_id, number)),
            amount=entry.amount,
            currency=entry.currency,
            kind=entry.kind,
            reason=entry.reason,
            occurred_at=entry.occurred_at,
            expires_at=entry.expires_at,
            explanation=entry.explanation,
        )


def entry_connection(page: Page[model.Entry]) -> Connection[PointsEntry]:
    return Connection(
        nodes=[PointsEntry.of(entry) for entry in page.items],
        page_info=PageInfo.of(page),
        cursors=page.cursors,
    )
