"""What becomes of a referral when the invitee is erased?"""

from dataclasses import replace
from datetime import timedelta

from db.connection import Tx
from domain.ledger.steps import Desk
from domain.programme.views import versions
from domain.referrals import rules, steps, undoing
from domain.referrals.looking import review_of
from domain.referrals.model import ReferralRow, ReviewFacts, Suspicion
from kit.ids import new_id

ERASED = "INVITEE_ERASED"


async def leave(tx: Tx, desk: Desk) -> None:
    """Let a binding lapse of which nothing can come any more.

    Where a refund could still undo what has qualified, staff have to look: of who was erased no
    refund is heard, and friends who send back what they bought would be worth something by going.
    """
    referral = await steps.referral_of(tx, desk.member.member_id)
    if referral is None:
        return
    if referral.state == "BOUND":
        desk.changes.put("referral", replace(referral, state="LAPSED"))
    elif referral.state in {"QUALIFIED", "REWARDED"}:
        await _look_or_undo(tx, desk, referral)


async def _look_or_undo(tx: Tx, desk: Desk, referral: ReferralRow) -> None:
    assert referral.purchase_id is not None, referral.state
    assert referral.qualified_at is not None, referral.state
    published = await versions(tx)
    order = await steps.order_with(tx, referral.member_id, referral.purchase_id)
    days = published.numbered(referral.programme_version).programme.referral.reversal_days
    if undoing.is_due(referral, order, published):
        steps.end(desk.changes, referral, "REVERSED", desk.now)
    elif desk.now < referral.qualified_at + timedelta(days=days):
        known, facts = await review_of(tx, referral), ReviewFacts(referral, new_id(), desk.now)
        desk.changes.put("referral_review", rules.with_found(known, [Suspicion(ERASED)], facts))
