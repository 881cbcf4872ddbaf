"""Who is paid for an answer that helped, when, and for how long?"""

from datetime import timedelta

import pytest

from domain.community import operations
from domain.community.errors import OwnContent
from domain.ledger.operations import audit
from domain.rewards.errors import WrongKind, WrongState
from kit.errors import NotFound
from tests.support.merging import merged, parted, sound
from tests.support.talking import answer, earned, say, subject, voiced
from tests.support.value import wallet
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

LATER = NOW + timedelta(minutes=5)
QUESTION = "隔夜的绿茶还能不能喝？网上的说法差别很大，想听听大家的经验。"


async def accept(post, comment, *, at=NOW):
    ref = None if comment is None else (comment.member_id, comment.id)
    found = await operations.accept_answer(post.member_id, post.id, ref, now=at)
    await work(at)
    return found


async def _points(member) -> int:
    found = await wallet(member.member_id)
    return found.available + found.debt


async def test_an_accepted_answer_is_paid_until_another_is(ming, hua):
    asker = await voiced()
    post = await say(asker, QUESTION, is_question=True)
    first, second = await answer(ming, post), await answer(hua, post, "冷藏的话第二天可以喝。")
    assert (await accept(post, first)).accepted_id == first.id
    assert await _points(ming) == 20
    async with nothing_changed():
        await accept(post, first)
    await accept(post, second, at=LATER)
    assert (await _points(ming), await _points(hua)) == (0, 20)
    await accept(post, first, at=LATER)
    assert (await _points(ming), await _points(hua)) == (20, 0)
    await accept(post, None, at=LATER)
    assert (await _points(ming), await _points(hua)) == (0, 0)
    assert ("ANSWER_ACCEPTED", "TAKEN_BACK", "WITHDRAWN", 20) in await earned(ming)
    assert (await audit(now=LATER)).breaches == []


async def test_an_answer_that_is_deleted_gives_its_points_back(ming):
    asker = await voiced()
    post = await say(asker, QUESTION, is_question=True)
    comment = await answer(ming, post)
    await accept(post, comment)
    await operations.delete_comment(ming.member_id, comment.id, now=LATER)
    await work(LATER)
    assert await _points(ming) == 0
    assert ("ANSWER_ACCEPTED", "TAKEN_BACK", "DELETED", 20) in await earned(ming)


async def test_a_question_of_a_fresh_account_pays_nobody(ming):
    asker = await a_member()
    post = await say(asker, QUESTION, is_question=True)
    await accept(post, await answer(ming, post))
    assert await _points(ming) == 0
    assert ("ANSWER_ACCEPTED", "UNPAID", "NEW_MEMBER", 0) in await earned(ming)


async def test_a_question_that_is_not_seen_pays_nobody(ming):
    asker = await voiced()
    post = await say(asker, QUESTION, is_question=True)
    comment = await answer(ming, post)
    await operations.hide(subject(post), reason="r", actor="ada", now=NOW)
    async with nothing_changed():
        with pytest.raises(WrongState) as found:
            await accept(post, comment)
    assert found.value.facts == {"state": "HIDDEN", "required": "VISIBLE"}


async def test_who_turns_out_to_be_one_is_paid_for_nothing_from_themselves():
    asker, puppet = await voiced(), await voiced()
    post = await say(asker, QUESTION, is_question=True)
    comment = await answer(puppet, post)
    await accept(post, comment)
    link = await operations.share(asker.member_id, sku="tea", now=NOW)
    await operations.open_share(puppet.member_id, link.token, now=NOW)
    await work(NOW)
    assert (await _points(asker), await _points(puppet)) == (5 + 5, 20)
    await merged(asker, puppet)
    await work(NOW)
    assert await _points(asker) == 5
    assert ("ANSWER_ACCEPTED", "TAKEN_BACK", "WITHDRAWN", 20) in await earned(asker)
    await parted(asker, puppet)
    await work(NOW)
    assert (await _points(asker), await _points(puppet)) == (5 + 5, 20)
    await sound(NOW)


async def test_only_an_answer_to_one_s_own_question_is_accepted(ming, hua):
    post = await say(ming)
    question = await say(ming, QUESTION, is_question=True)
    theirs, mine = await answer(hua, question), await answer(ming, question)
    elsewhere = await answer(hua, post)
    for error, asked, comment in (
        (WrongKind, post, elsewhere),
        (NotFound, question, elsewhere),
        (OwnContent, question, mine),
    ):
        async with nothing_changed():
            with pytest.raises(error):
                await accept(asked, comment)
    async with nothing_changed():
        with pytest.raises(NotFound):
            await operations.accept_answer(
                hua.member_id, question.id, (hua.member_id, theirs.id), now=NOW
            )
