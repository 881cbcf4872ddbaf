"""Do entries that have to do with the community say so?"""

import pytest

from tests.domain.points.test_explain import stored, told


@pytest.mark.parametrize(
    ("kind", "inputs", "zh", "en"),
    [
        (
            "community",
            {"merit": "POST"},
            "社区发帖：5 积分。",
            "A post in the community: 5 points.",
        ),
        (
            "community",
            {"merit": "POST", "again": 1},
            "社区发帖重新可见，所得恢复：5 积分。",
            "A post in the community stands again, and with it what it gave: 5 points.",
        ),
        (
            "community_undone",
            {"merit": "LIKE_RECEIVED", "reason": "WITHDRAWN"},
            "内容获赞已取消，所得收回。",
            "A like of what you wrote was taken away: what it gave is taken back.",
        ),
        (
            "bundle",
            {"title": {"zh-CN": "茶", "en": "Tea"}},
            "礼包「茶」：5 积分。",
            "The bundle “Tea”: 5 points.",
        ),
    ],
)
def test_the_community_and_bundles_tell_what_they_gave(kind, inputs, zh, en):
    assert told(stored(kind, inputs, {"points": 5}), 5) == (zh, en)


def test_a_redemption_for_community_and_its_return_tell_so():
    inputs = {"reward": "MUG", "quantity": 2, "price_community": 30}
    assert told(stored("redemption", inputs, {"community": 60}), 60, "spend") == (
        "兑换「MUG」2 份，每份 30 社区积分，共 60 社区积分。",
        "Redeemed 2 × “MUG” at 30 community points: 60 community points.",
    )

    def returned(reason):
        decision = stored(
            "redemption_return", {"reward": "MUG", "reason": reason}, {"community": 1}
        )
        return told(decision, 1, "restore")

    assert returned("cancelled_by_member") == (
        "取消兑换「MUG」，社区积分退还。",
        "“MUG” was cancelled: the community points come back.",
    )
    assert returned("cancelled_by_shop") == (
        "商家取消了兑换「MUG」，社区积分退还。",
        "The shop cancelled “MUG”: the community points come back.",
    )
    assert returned("not_raised") == (
        "「MUG」未能再提升等级，社区积分退还。",
        "“MUG” would have lifted you to no higher tier: the community points come back.",
    )
    assert returned("delivery_failed") == (
        "「MUG」未能送达，社区积分退还。",
        "“MUG” could not be delivered: the community points come back.",
    )
