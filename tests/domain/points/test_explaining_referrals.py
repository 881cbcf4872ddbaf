"""Does each side of a referral read why it was paid, and why it came back?"""

from domain.referrals.model import InviterRecord
from domain.referrals.rules import award
from tests.domain.points.test_explain import DEFAULT, NOW, stored, told


def test_a_referral_tells_each_side_its_own():
    record = InviterRecord(net_invitees=2, awarded_this_month=2)
    decision = award(record, NOW, DEFAULT)
    inviter = stored("referral", decision.inviter_inputs, decision.inviter_outcome)
    invitee = stored("referral", decision.invitee_inputs, decision.invitee_outcome)
    assert told(inviter, 500) == (
        "好友首单达标，奖励 500 积分（2026-11 第 3 次，每月上限 30 次）。累计邀请 3 人，另奖 300。",
        (
            "A friend's first order counts: 500 points (3 of at most 30 in 2026-11). "
            "300 more for 3 friends."
        ),
    )
    assert told(invitee, 200) == (
        "受邀首单达标，奖励 200 积分。",
        "Your first order after an invitation counts: 200 points.",
    )
    assert told(stored("referral_reversal", {}, {}), 500, "take_back") == (
        "达标订单已退款至低于最低金额，邀请奖励收回。",
        "The order that counted was refunded below the minimum: the award is taken back.",
    )
    assert told(stored("referral_rejection", {}, {}), 500, "take_back") == (
        "该邀请经复核未通过，奖励收回。",
        "The invitation didn't pass a review: the award is taken back.",
    )
    undone = {"count": 3, "net_invitees": 2}
    assert told(stored("referral_milestone_undone", undone, {}), 300, "take_back") == (
        "有效邀请减至 2 人，累计 3 人的奖励收回。",
        "2 invitations still count: the award for 3 is taken back.",
    )
