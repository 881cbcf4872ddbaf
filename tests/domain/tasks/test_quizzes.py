"""How is a quiz tried, and what does a client know before it has answered?"""

from datetime import UTC, datetime, timedelta

import pytest

from domain.members.operations import suspend
from domain.tasks.errors import QuizAnswered, QuizTriesUsedUp, TaskLocked
from domain.tasks.operations import answer_quiz, start_quiz
from kit.errors import InvalidInput, MemberSuspended, NotFound
from tests.support.missions import a_task, balances, rewarded, tasks_in_force
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


def text(word):
    return {"zh-CN": word, "en": word}


def question(right):
    return {"text": text("?"), "options": [text("a"), text("b"), text("c")], "right": right}


def a_quiz(**facts):
    quiz = {"questions": [question(1), question(3)], "tries_per_day": 2, **facts}
    return a_task("Q", kind="quiz", quiz=quiz)


async def test_a_pass_is_a_deed_that_rewards_once():
    await tasks_in_force(a_quiz())
    member = await a_member()
    started = await start_quiz(member.member_id, "Q", now=NOW)
    assert (len(started.questions), started.tries_left) == (2, 1)
    result = await answer_quiz(member.member_id, started.attempt.id, [1, 2], now=NOW)
    assert (result.is_right, result.is_passed) == ((True, False), False)
    await work(NOW)
    assert await rewarded(member) == []
    started = await start_quiz(member.member_id, "Q", now=NOW)
    result = await answer_quiz(member.member_id, started.attempt.id, [1, 3], now=NOW)
    assert result.is_passed
    await work(NOW)
    assert await balances(member) == (0, 100, 100)
    async with nothing_changed():
        again = await answer_quiz(member.member_id, started.attempt.id, [1, 3], now=NOW)
        assert again.is_right == result.is_right
        with pytest.raises(QuizAnswered):
            await answer_quiz(member.member_id, started.attempt.id, [1, 1], now=NOW)


async def test_tries_end_with_the_members_day_and_an_open_one_is_gone_on_with():
    await tasks_in_force(a_quiz(tries_per_day=1))
    member = await a_member()
    started = await start_quiz(member.member_id, "Q", now=NOW)
    async with nothing_changed():
        again = await start_quiz(member.member_id, "Q", now=NOW)
    assert again.attempt.id == started.attempt.id
    await answer_quiz(member.member_id, started.attempt.id, [2, 2], now=NOW)
    async with nothing_changed():
        with pytest.raises(QuizTriesUsedUp) as refused:
            await start_quiz(member.member_id, "Q", now=NOW)
    assert refused.value.facts["resets_at"] == datetime(2026, 3, 2, 16, tzinfo=UTC)
    await start_quiz(member.member_id, "Q", now=NOW + DAY)


async def test_some_right_answers_may_be_enough():
    await tasks_in_force(a_quiz(pass_right=1))
    member = await a_member()
    started = await start_quiz(member.member_id, "Q", now=NOW)
    assert (await answer_quiz(member.member_id, started.attempt.id, [2, 3], now=NOW)).is_passed


async def test_what_cannot_be_tried_is_refused():
    await tasks_in_force(
        {**a_quiz(), "requires": ["FIRST"]}, a_task("FIRST"), {**a_quiz(), "code": "Q2"}
    )
    member = await a_member()
    started = await start_quiz(member.member_id, "Q2", now=NOW)
    async with nothing_changed():
        with pytest.raises(NotFound):
            await start_quiz(member.member_id, "FIRST", now=NOW)
        with pytest.raises(TaskLocked):
            await start_quiz(member.member_id, "Q", now=NOW)
        with pytest.raises(NotFound):
            await answer_quiz(member.member_id, member.member_id, [1, 1], now=NOW)
        for answers in ([1], [1, 4], [0, 1]):
            with pytest.raises(InvalidInput):
                await answer_quiz(member.member_id, started.attempt.id, answers, now=NOW)
    await suspend(member.member_id, actor="staff", reason="r", now=NOW)
    async with nothing_changed():
        with pytest.raises(MemberSuspended):
            await start_quiz(member.member_id, "Q2", now=NOW)
