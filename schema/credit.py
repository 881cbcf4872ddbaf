"""How does a member's credit, money to spend in the shop, and each movement of it look?"""

from datetime import datetime
from typing import Any, cast

import strawberry

from domain.dashboard import model
from domain.dashboard.model import Entry, Part
from kit.errors import Forbidden
from kit.ids import global_id
from kit.paging import Page
from resolvers.ids import number_as_uuid
from resolvers.seeing import Seen
from schema.node import Node
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.programme import Money


@strawberry.type
class CreditSummary:
    """Balances now, with everything due posted."""

    available: Money = strawberry.field(description="To be spent; less what is owed, if shown.")
    pending: Money = strawberry.field(description="Given, not yet to be spent.")
    held: Money = strawberry.field(description="Set aside for something under way.")
    expiring_within_30_days: Money = strawberry.field(name="expiringWithin30Days")
    seen: strawberry.Private[Seen]

    @strawberry.field(description="What was available at that instant.")
    def as_of(self, at: datetime) -> Money:
        found = self.seen.view.parts[Part("credit_as_of", (at,))]
        assert isinstance(found, int)
        return _money(found, self.seen)

    @classmethod
    def of(cls, credit: model.Credit, seen: Seen) -> "CreditSummary":
        return cls(
            available=_money(credit.available_minor, seen),
            pending=_money(credit.pending_minor, seen),
            held=_money(credit.held_minor, seen),
            expiring_within_30_days=_money(credit.expiring_within_30_days_minor, seen),
            seen=seen,
        )


@strawberry.type
class CreditEntry(Node):
    """A movement across the wallet's boundary."""

    amount: Money = strawberry.field(description="Signed: negative where credit left.")
    kind: str
    reason: str
    occurred_at: datetime
    expires_at: datetime | None
    explanation: str = strawberry.field(
        description="Why it is this amount, and by which programme version, in the viewer's"
        " language."
    )

    @classmethod
    def of(cls, entry: Entry, locale: str) -> "CreditEntry":
        return cls(
            id=strawberry.ID(global_id("CreditEntry", entry.member_id, number_as_uuid(entry.seq))),
            amount=Money.of(entry.amount, entry.money, locale),
            kind=entry.kind,
            reason=entry.reason,
            occurred_at=entry.occurred_at,
            expires_at=entry.expires_at,
            explanation=entry.explanation,
        )


@strawberry.type
class MemberCredit:
    @strawberry.field(description="Money to spend in the shop: red packets that members are given.")
    def credit(self) -> CreditSummary:
        seen = _seen(self)
        found = seen.view.parts[Part("credit")]
        assert isinstance(found, model.Credit)
        return CreditSummary.of(found, seen)

    @strawberry.field(
        description="Signed entries that cross the wallet's boundary, newest recorded first; holds"
        " and activations are not listed. Only for the member, staff, and services that read"
        " members."
    )
    def credit_history(
        self, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[CreditEntry]:
        seen, arguments = _seen(self), page_arguments(first, after)
        if not seen.viewer.may_read(seen.view.member_id):
            raise Forbidden
        found = seen.view.parts.get(Part("credit_history", (*arguments, True)))
        if found is None:
            found = seen.view.parts[Part("credit_history", (*arguments, False))]
        return _connection(cast("Page[Entry]", found), seen.locale)


def _connection(page: Page[Entry], locale: str) -> Connection[CreditEntry]:
    return Connection(
        nodes=[CreditEntry.of(entry, locale) for entry in page.items],
        page_info=PageInfo.of(page),
        cursors=page.cursors,
    )


def _seen(member: object) -> Seen:
    return cast("Any", member).seen


def _money(amount_minor: int, seen: Seen) -> Money:
    return Money.of(amount_minor, seen.programme.currency, seen.locale)
