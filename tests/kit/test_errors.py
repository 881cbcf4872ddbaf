"""How does a refusal say when?"""

from datetime import UTC, datetime, timedelta, timezone

from domain.coupons.errors import Ended
from domain.rewards.errors import CommunityBanned


def test_a_message_tells_instants_to_the_minute_and_the_facts_keep_them():
    ended_at = datetime(2026, 11, 29, 1, 0, 30, 5, tzinfo=timezone(timedelta(hours=8)))
    ended = Ended(ended_at)
    assert ended.message("en") == "This has ended; it ended at 2026-11-28 17:00 UTC."
    assert ended.message("zh-CN") == "活动已结束，结束时间：2026-11-28 17:00 UTC。"
    assert ended.facts == {"ends_at": ended_at}


def test_a_ban_says_when_it_ends_or_that_it_does_not():
    until = datetime(2027, 1, 2, 15, 33, tzinfo=UTC)
    expected = "You may not write in the community (until 2027-01-02 15:33 UTC): spam"
    assert CommunityBanned("spam", until).message("en") == expected
    assert (
        CommunityBanned("spam", None).message("zh-CN") == "您已被禁止在社区发言和互动（永久）：spam"
    )
