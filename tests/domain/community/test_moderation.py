"""What is kept back, hidden, restored, reported and banned, and does the record say so?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.community import operations, views
from domain.community.errors import (
    AlreadyAppealed,
    AlreadyReported,
    NothingToAppeal,
    OwnContent,
    TooManyLinks,
    WordsRefused,
)
from domain.community.model import BAN, Feed, Kind, ReportReason, Scope
from domain.community.rules import found_words
from domain.ledger.operations import audit
from domain.privacy.model import Asked, Content
from domain.privacy.model import Reason as ErasureReason
from domain.privacy.operations import erase
from domain.programme.model import WordLists
from domain.rewards.errors import CommunityBanned, WrongState
from kit.errors import InvalidInput, NotFound
from kit.ids import new_id
from tests.support.programmes import in_force
from tests.support.talking import (
    BODY,
    answer,
    counts_of,
    earned,
    follow,
    like,
    say,
    subject,
    told,
    voiced,
)
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

LATER = NOW + timedelta(minutes=5)
LISTS = WordLists(zh_cn=("刷单",), en=("casino bonus", "cunt", "t-shirt", "4chan"))


@pytest.fixture
async def old(square):
    """Somebody who has been here for long."""
    del square
    return await a_member(nickname="老王", joined_at=NOW - timedelta(days=90))


async def _refused(error, verb):
    async with nothing_changed():
        with pytest.raises(error) as found:
            await verb
    return found.value


async def _state(found) -> tuple[str, str | None]:
    table = "community_post" if subject(found).kind == Kind.POST else "community_comment"
    async with reader() as tx:
        row = await tx.fetchrow(f"SELECT state, held_for FROM {table} WHERE id = $1", found.id)  # noqa: S608
    assert row is not None
    return row["state"], row["held_for"]


async def _log(member) -> list[tuple[str, str, str]]:
    page = await views.log(member.member_id)
    return [(acted.action, acted.actor, acted.reason) for acted in page.items]


async def _queue() -> list[tuple[str, int, dict[str, int]]]:
    page = await views.queue()
    return [(case.body, case.report_count, case.reasons) for case in page.items]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("可以刷单吗", ["刷单"]),
        ("刷 · 单", ["刷单"]),
        ("刷\u200b单", ["刷单"]),
        ("刷\u3164单, 刷\u0301单", ["刷单"]),
        ("cás\u0456no b\u043enus", ["casino bonus"]),
        ("buy a T-shirt on 4chan", ["t-shirt", "4chan"]),
        ("ｃａｓｉｎｏ  BONUS!", ["casino bonus"]),
        ("c@s1no bonu5", ["casino bonus"]),
        ("刷单 and a casino, bonus", ["刷单", "casino bonus"]),
        ("Scunthorpe, 刷了一单", []),
    ],
)
def test_words_are_found_in_any_dress_and_only_as_words(text, words):
    assert found_words(text, LISTS) == words


async def test_a_refused_word_is_refused_with_itself(ming, hua):
    post = await say(hua)
    found = await _refused(WordsRefused, say(ming, "专业刷单，包过"))
    assert found.facts == {"words": "刷单"}
    await _refused(WordsRefused, answer(ming, post, "专业刷单，包过"))


async def test_newcomers_post_no_links_and_others_a_few(ming, old):
    text = "看这里 https://a.example/x 和 www.b.example"
    found = await _refused(TooManyLinks, say(ming, text))
    assert found.facts == {"links": 2, "limit": 0}
    assert (await say(old, text)).state == "VISIBLE"
    many = " ".join(["https://a.example"] * 6)
    found = await _refused(TooManyLinks, say(old, many))
    assert found.facts == {"links": 6, "limit": 5}
    await _refused(TooManyLinks, say(ming, "去 shop.vip 看看"))
    week = NOW + timedelta(days=7)
    assert (await say(ming, text, at=week)).state == "VISIBLE"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("https://www.example.com/x?u=y.com", 1),
        ("加我taobao.com，或者淘宝。com", 1),
        ("去taobao。com", 1),
        ("a.com,b.cn c.top www.d.example/e.com", 4),
        ("an example.community of 1.5 e.g. me.", 0),
    ],
)
async def test_a_link_is_one_however_it_is_written(ming, text, links):
    if links:
        found = await _refused(TooManyLinks, say(ming, text))
        assert found.facts == {"links": links, "limit": 0}
    else:
        assert (await say(ming, text)).state == "VISIBLE"


async def test_what_waits_is_seen_by_its_author_and_staff_until_restored(ming, hua):
    post = await say(ming, "想要的朋友加微信聊")
    assert await _state(post) == ("HELD", "WORDS")
    assert await _log(ming) == [("HELD", "engine", "WORDS")]
    assert await _queue() == [("想要的朋友加微信聊", 0, {})]
    mine = await views.post(ming.member_id, ming.member_id, post.id, now=NOW)
    assert mine is not None
    assert await views.post(hua.member_id, ming.member_id, post.id, now=NOW) is None
    assert (await views.feed(None, Feed(Scope.HOT), now=NOW)).items == []
    await _refused(NotFound, like(hua, post))
    await operations.restore(subject(post), reason="没问题", actor="ada", now=LATER)
    assert await _state(post) == ("VISIBLE", None)
    assert await _log(ming) == [("RESTORED", "ada", "没问题"), ("HELD", "engine", "WORDS")]
    assert await _queue() == []


async def test_a_held_comment_is_not_counted_until_it_is_seen(ming, hua):
    post = await say(ming)
    comment = await answer(hua, post, "加微信聊")
    await work(NOW)
    assert await counts_of(post) == (0, 0)
    await operations.restore(subject(comment), reason="ok", actor="ada", now=LATER)
    await work(LATER)
    assert await counts_of(post) == (0, 1)
    await operations.hide(subject(comment), reason="广告", actor="ada", now=LATER)
    await work(LATER)
    assert await counts_of(post) == (0, 0)


async def test_hidden_content_is_told_of_and_restored_by_an_appeal(ming, hua):
    post = await say(ming)
    await operations.hide(subject(post), reason="广告", actor="ada", now=NOW)
    assert await told(ming.member_id) == [["content_hidden", {"reason": "广告"}]]
    verb = operations.hide(subject(post), reason="广告", actor="ada", now=NOW)
    await _refused(WrongState, verb)
    asked = {"text": "这不是广告", "now": LATER}
    await _refused(NotFound, operations.appeal(hua.member_id, Kind.POST, post.id, **asked))
    await _refused(
        InvalidInput,
        operations.appeal(ming.member_id, Kind.POST, post.id, text=" ", now=LATER),
    )
    made = await operations.appeal(ming.member_id, Kind.POST, post.id, **asked)
    again = operations.appeal(ming.member_id, Kind.POST, post.id, **asked)
    assert (await _refused(AlreadyAppealed, again)).facts == {"state": "OPEN"}
    assert [appeal.id for appeal in (await views.appeals()).items] == [made.id]
    decision = {"accept": True, "answer": "误判", "actor": "bob", "now": LATER}
    await operations.decide_appeal(ming.member_id, made.id, **decision)
    assert await _state(post) == ("VISIBLE", None)
    assert (await views.appeals()).items == []
    assert [entry[:2] for entry in await _log(ming)] == [
        ("RESTORED", "bob"),
        ("APPEAL_ACCEPTED", "bob"),
        ("APPEALED", "member"),
        ("HIDDEN", "ada"),
    ]
    await _refused(WrongState, operations.decide_appeal(ming.member_id, made.id, **decision))
    await _refused(NotFound, operations.decide_appeal(ming.member_id, new_id(), **decision))
    await _refused(NothingToAppeal, operations.appeal(ming.member_id, Kind.POST, post.id, **asked))


async def test_a_dismissed_appeal_is_the_last_one(ming):
    post = await say(ming)
    await operations.hide(subject(post), reason="广告", actor="ada", now=NOW)
    made = await operations.appeal(ming.member_id, Kind.POST, post.id, text="不是广告", now=NOW)
    decision = {"accept": False, "answer": "是广告", "actor": "bob", "now": LATER}
    await operations.decide_appeal(ming.member_id, made.id, **decision)
    assert (await _state(post))[0] == "HIDDEN"
    again = operations.appeal(ming.member_id, Kind.POST, post.id, text="真的不是", now=LATER)
    assert (await _refused(AlreadyAppealed, again)).facts == {"state": "DISMISSED"}
    assert ["appeal_decided", {"accepted": 0, "answer": "是广告"}] in await told(ming.member_id)


async def test_enough_voices_hold_content_back_and_fresh_accounts_do_not(ming):
    post = await say(ming)
    for _ in range(5):
        await operations.report(
            (await a_member()).member_id, subject(post), ReportReason.SPAM, note="", now=NOW
        )
    await work(NOW)
    assert await _state(post) == ("VISIBLE", None)
    assert await _queue() == [(BODY, 5, {"SPAM": 5})]
    for number in range(3):
        reporter = await voiced()
        await operations.report(
            reporter.member_id, subject(post), ReportReason.ABUSE, note="骂人", now=NOW
        )
        await work(NOW)
        assert (await _state(post))[0] == ("HELD" if number == 2 else "VISIBLE")
    assert await _state(post) == ("HELD", "REPORTS")
    assert await _queue() == [(BODY, 8, {"ABUSE": 3, "SPAM": 5})]
    await operations.restore(subject(post), reason="正常内容", actor="ada", now=LATER)
    last = await voiced()
    await operations.report(last.member_id, subject(post), ReportReason.OTHER, note="", now=LATER)
    await work(LATER)
    assert await _state(post) == ("VISIBLE", None)
    assert await _queue() == []


async def test_one_reports_what_is_there_and_others_once(ming, hua):
    post = await say(ming)

    def verb(member, note=""):
        return operations.report(
            member.member_id, subject(post), ReportReason.SPAM, note=note, now=NOW
        )

    await _refused(OwnContent, verb(ming))
    await _refused(InvalidInput, verb(hua, "x" * 501))
    await verb(hua)
    await _refused(AlreadyReported, verb(hua))
    await operations.delete_post(ming.member_id, post.id, now=NOW)
    await _refused(NotFound, verb(await a_member()))


async def test_a_banned_member_reads_and_appeals_and_writes_nothing(ming, hua):
    post, mine = await say(hua), await say(ming)
    comment = await answer(ming, post)
    ends_at = NOW + timedelta(days=3)
    banned = await operations.ban(
        ming.member_id, ends_at=ends_at, reason="刷屏", actor="ada", now=NOW
    )
    for verb in (
        say(ming),
        answer(ming, post),
        like(ming, post),
        follow(ming, hua),
        operations.set_topic_follow(ming.member_id, "TEA", is_on=True, now=NOW),
        operations.delete_post(ming.member_id, mine.id, now=NOW),
        operations.delete_comment(ming.member_id, comment.id, now=NOW),
        operations.report(ming.member_id, subject(post), ReportReason.SPAM, note="", now=NOW),
    ):
        found = await _refused(CommunityBanned, verb)
        assert (found.facts["reason"], found.facts["ends_at"]) == ("刷屏", ends_at)
    page = await views.feed(ming.member_id, Feed(Scope.HOT), now=NOW)
    assert len(page.items) == 2
    part = await views.mine(ming.member_id, now=NOW)
    assert part.ban == banned
    made = await operations.appeal(ming.member_id, BAN, banned.id, text="我没有", now=NOW)
    await operations.decide_appeal(
        ming.member_id, made.id, accept=True, answer="好", actor="bob", now=LATER
    )
    await say(ming, at=LATER)
    assert [entry[0] for entry in await _log(ming)] == [
        "BAN_LIFTED",
        "APPEAL_ACCEPTED",
        "APPEALED",
        "BANNED",
    ]


async def test_a_ban_ends_by_itself_or_is_lifted(ming):
    ends_at = NOW + timedelta(days=1)
    await operations.ban(ming.member_id, ends_at=ends_at, reason="r", actor="ada", now=NOW)
    await _refused(CommunityBanned, say(ming, at=ends_at - timedelta(seconds=1)))
    await say(ming, at=ends_at)
    await operations.ban(ming.member_id, ends_at=None, reason="r", actor="ada", now=ends_at)
    found = await _refused(CommunityBanned, say(ming, at=ends_at))
    assert found.message("zh-CN") == "您已被禁止在社区发言和互动（永久）：r"
    await operations.lift_ban(ming.member_id, reason="ok", actor="ada", now=ends_at)
    await say(ming, "another post of mine", at=ends_at)
    again = operations.lift_ban(ming.member_id, reason="ok", actor="ada", now=ends_at)
    await _refused(NothingToAppeal, again)
    past = operations.ban(ming.member_id, ends_at=NOW, reason="r", actor="a", now=NOW)
    await _refused(InvalidInput, past)


async def test_word_lists_are_the_operator_s(ming):
    await in_force(since=NOW, community={"moderation": {"refused": {"zh-CN": ["乌龙"], "en": []}}})
    await _refused(WordsRefused, say(ming, "好喝的乌龙茶"))
    assert (await say(ming, "刷单")).state == "VISIBLE"


async def test_the_staff_cannot_touch_what_its_author_took_away(ming):
    post = await say(ming)
    await operations.delete_post(ming.member_id, post.id, now=NOW)
    for verb in (operations.hide, operations.restore):
        await _refused(NotFound, verb(subject(post), reason="r", actor="ada", now=NOW))


async def test_what_stays_of_who_was_erased_is_counted_and_can_be_reported_and_hidden(ming):
    post = await say(ming)
    fan = await voiced()
    await like(fan, post)
    await work(NOW)
    await answer(fan, post, "这是删除之前说的话，稍后才计数。")
    wish = Asked("ada", ErasureReason.REQUEST, "r1", Content.KEEP)
    await erase(ming.member_id, wish, now=NOW)
    await like(fan, post, is_on=False)
    await answer(fan, post)
    await operations.report(fan.member_id, subject(post), ReportReason.ABUSE, note="", now=NOW)
    await work(NOW)
    assert await counts_of(post) == (0, 2)
    assert [case.subject for case in (await views.queue()).items] == [subject(post)]
    before = await wallet(ming.member_id), await earned(ming), await told(ming.member_id)
    await operations.hide(subject(post), reason="违法", actor="ada", now=NOW)
    assert await views.post(None, post.member_id, post.id, now=NOW) is None
    await operations.restore(subject(post), reason="误判", actor="ada", now=NOW)
    assert await views.post(None, post.member_id, post.id, now=NOW) is not None
    await work(NOW)
    assert (await wallet(ming.member_id), await earned(ming), await told(ming.member_id)) == before
    assert (await audit(now=NOW)).breaches == []
