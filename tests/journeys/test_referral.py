"""Does inviting a friend pay both, as each of them reads it, until the friend sends all back?"""

from datetime import timedelta

import orjson
import pytest

from db.connection import reader
from domain.points.explain import explain
from domain.points.model import StoredDecision
from domain.referrals import views
from domain.referrals.model import Summary
from tests.support.referring import SETTLED, complete, enrol_by, pay, refund
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, published

pytestmark = pytest.mark.journey


async def told(member, locale):
    """Why each referral entry of the member's points moved."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT t.kind AS movement, t.amount, d.kind, d.programme_version, d.inputs, d.outcome"
            " FROM transfer t JOIN decision d ON d.member_id = t.member_id AND d.id = t.decision_id"
            " WHERE t.member_id = $1 AND t.source_type LIKE 'referral%' ORDER BY t.seq",
            member.member_id,
        )
    return [
        explain(
            row["movement"],
            row["amount"],
            StoredDecision(
                kind=row["kind"],
                programme_version=row["programme_version"],
                inputs=orjson.loads(row["inputs"]),
                outcome=orjson.loads(row["outcome"]),
            ),
            locale=locale,
        )
        for row in rows
    ]


@pytest.mark.usefixtures("database")
async def test_inviting_a_friend():
    await published()
    inviter = await a_member()
    friend = (await enrol_by(inviter.referral_code)).member
    await work(NOW)
    assert await views.summary(inviter.member_id) == Summary(inviter.referral_code, 1, 0, 0, 0)

    await pay(friend, "trial", 100)
    await complete(friend, "trial", at=NOW + timedelta(days=1))
    await pay(friend, "real", 30_000, at=NOW + timedelta(days=1))
    await work(NOW + timedelta(days=1))
    assert (await views.summary(inviter.member_id)).qualified == 0

    await work(SETTLED + timedelta(days=1))
    assert await views.summary(inviter.member_id) == Summary(inviter.referral_code, 1, 1, 1, 500)
    assert (await wallet(inviter.member_id)).available == 500
    # 1 for the trial, 300 for the order, 200 for having been invited.
    assert (await wallet(friend.member_id)).available == 501
    assert await told(inviter, "zh-CN") == [
        "好友首单达标，奖励 500 积分（2026-03 第 1 次，每月上限 30 次）。（会员计划第 1 版）"
    ]
    assert await told(inviter, "en") == [
        (
            "A friend's first order counts: 500 points (1 of at most 30 in 2026-03)."
            " (Programme version 1.)"
        )
    ]
    assert await told(friend, "zh-CN") == ["受邀首单达标，奖励 200 积分。（会员计划第 1 版）"]
    assert await told(friend, "en") == [
        "Your first order after an invitation counts: 200 points. (Programme version 1.)"
    ]

    refunded_at = SETTLED + timedelta(days=20)
    await refund(friend, "real", at=refunded_at)
    await work(refunded_at)
    assert (await wallet(inviter.member_id)).available == 0
    assert (await wallet(friend.member_id)).available == 1
    for member in (inviter, friend):
        assert (await told(member, "zh-CN"))[1:] == [
            "达标订单已退款至低于最低金额，邀请奖励收回。（会员计划第 1 版）"
        ]
        assert (await told(member, "en"))[1:] == [
            (
                "The order that counted was refunded below the minimum: the award is taken back."
                " (Programme version 1.)"
            )
        ]
    assert (await views.summary(inviter.member_id)).points_earned == 0
