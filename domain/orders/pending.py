"""How long does what an order causes wait, and when is it released?"""

from datetime import UTC, datetime
from uuid import UUID

from domain.effects.model import Effect, GrantGrowth, GrantPoints
from domain.ledger.model import Decision, Lot
from domain.orders.model import Dossier, PurchaseRow
from domain.points.rules import expires_at, inactive_at
from domain.programme.model import Programme
from domain.rewards.steps import issue

BY_WORD_ONLY = datetime.max.replace(tzinfo=UTC)


def programme_of(dossier: Dossier, row: PurchaseRow) -> Programme:
    """The version that the order was paid under."""
    return dossier.versions.numbered(row.programme_version).programme


def is_by_word_only(programme: Programme) -> bool:
    """Whether only the shop's word makes an order count."""
    policy = programme.points
    return policy.completion == "completed_only" and policy.silence == "cancel"


def awaits_word(dossier: Dossier, row: PurchaseRow) -> bool:
    """Whether only the shop's order.completed can make the order count, until `settles_at`."""
    return row.completed_at is None and is_by_word_only(programme_of(dossier, row))


def grant(
    dossier: Dossier, row: PurchaseRow, decision: Decision, *, points: int, growth: int = 0
) -> UUID | None:
    """Give what the order is worth, the points pending as long as it may be sent back.

    The lot of the points; their reason is the decision's kind.
    """
    effects: list[Effect] = []
    book, by_word_only = dossier.desk.points, awaits_word(dossier, row)
    programme = programme_of(dossier, row)
    active_until = inactive_at(dossier.latest(row.paid_at), programme)
    ends = expires_at(row.settles_at, programme) or active_until
    if points:
        activates_at = BY_WORD_ONLY if by_word_only else row.settles_at
        effects.append(GrantPoints(points, decision.kind, activates_at, ends))
    if growth:
        effects.append(GrantGrowth(growth, decision.kind))
    issued = issue(
        dossier.desk,
        decision,
        effects,
        programme=programme,
        source_type="order",
        source_id=row.order_id,
        occurred_at=row.paid_at,
    )
    if active_until is not None:
        book.extend(active_until)
    for lot in issued.lots if by_word_only else ():
        book.reschedule(lot, None, ends)
    return issued.lots[0].id if issued.lots else None


def release(dossier: Dossier, row: PurchaseRow, lot: Lot) -> None:
    """Let what the order gave become available when it has settled, not before it was given."""
    at = max(row.settles_at, lot.occurred_at)
    ends = expires_at(at, programme_of(dossier, row)) or lot.expires_at
    dossier.desk.points.reschedule(lot, at, ends)
