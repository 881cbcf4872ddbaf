"""How does a client see tasks, claim them and try quizzes?"""

import json
from datetime import timedelta

import pytest

from db.connection import watched
from tests.support.api import REFUSAL, code_of, member_global_id
from tests.support.missions import a_task
from tests.support.programmes import in_force
from tests.support.shop import done, paid, reviewed
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

TASKS = """{ me { tasks { code name kind recurrence period state progress target claimable startsAt
  endsAt unmet gives { points coupons badges }
  quiz { material questionCount rightNeeded triesPerDay } } } }"""
CLAIM = f"""mutation($code: String!, $period: String) {{ claimTask(code: $code, period: $period) {{
  period member {{ points {{ available }} }} {REFUSAL} }} }}"""
START = f"""mutation($code: String!) {{ startQuiz(code: $code) {{
  attempt {{ id triesLeft questions {{ text options }} }} {REFUSAL} }} }}"""
ANSWER = f"""mutation($id: ID!, $answers: [Int!]!) {{
  answerQuiz(input: {{attemptId: $id, answers: $answers}}) {{
    result {{ passed rightCount rightNeeded right }} {REFUSAL} }} }}"""
TAG = f"""mutation($id: ID!, $tag: String!) {{ tagMember(id: $id, tag: $tag) {{
  member {{ tags }} {REFUSAL} }} }}"""
TAGS = "query($id: ID!) { member(id: $id) { tags tasks { code } } }"


def text(word):
    return {"zh-CN": word, "en": word}


QUESTION = {"text": text("Which?"), "options": [text("one"), text("two")], "right": 2}
QUIZ = a_task("Q", kind="quiz", quiz={"questions": [QUESTION], "material": text("Read this.")})
WEEKLY = a_task("R", kind="reviews", recurrence="weekly", target=1, claim="member")


@pytest.fixture(autouse=True)
async def missions(ask):
    del ask
    await in_force(tasks=[WEEKLY, QUIZ], since=NOW)


async def test_a_member_sees_what_there_is_to_do(ask, ming):
    await done(reviewed(ming, "r"))
    answer = await ask(TASKS, ask.member(ming.member_id))
    weekly, quiz = answer["data"]["me"]["tasks"]
    assert weekly == {
        "code": "R",
        "name": "Task",
        "kind": "reviews",
        "recurrence": "weekly",
        "period": "2026-W10",
        "state": "CLAIMABLE",
        "progress": 1,
        "target": 1,
        "claimable": True,
        "startsAt": None,
        "endsAt": "2026-03-08T16:00:00Z",
        "unmet": [],
        "gives": {"points": 100, "coupons": [], "badges": []},
        "quiz": None,
    }
    assert (quiz["code"], quiz["state"], quiz["quiz"]) == (
        *("Q", "OPEN"),
        {"material": "Read this.", "questionCount": 1, "rightNeeded": 1, "triesPerDay": 3},
    )


async def test_a_member_claims_once(ask, ming):
    await done(reviewed(ming, "r"))
    mine = ask.member(ming.member_id)
    claimed = await ask(CLAIM, mine, code="R")
    assert claimed["data"]["claimTask"] == {
        "period": "2026-W10",
        "member": {"points": {"available": 120}},
        "refusal": None,
    }
    async with nothing_changed():
        again = await ask(CLAIM, mine, code="R", period="2026-W10")
    made = again["data"]["claimTask"]
    assert (made["period"], made["refusal"]["code"]) == (None, "ALREADY_CLAIMED")
    query = "{ me { pointsHistory(first: 1) { nodes { amount explanation } } } }"
    (entry,) = (await ask(query, mine))["data"]["me"]["pointsHistory"]["nodes"]
    assert entry["amount"] == 100
    assert "Task “Task” of 2026-W10 done: 100 points." in entry["explanation"]


async def test_what_can_not_be_claimed_is_refused(ask, ming):
    mine = ask.member(ming.member_id)
    async with nothing_changed():
        none, early = await ask(CLAIM, mine, code="X"), await ask(CLAIM, mine, code="R")
        odd = await ask(CLAIM, mine, code="R", period="x' OR 1=1")
    assert [one["data"]["claimTask"]["refusal"]["code"] for one in (none, early, odd)] == [
        "NOT_FOUND",
        "TASK_NOT_CLAIMABLE",
        "TASK_NOT_CLAIMABLE",
    ]
    assert code_of(await ask(CLAIM, code="R")) == "UNAUTHENTICATED"


async def test_a_quiz_is_answered_and_its_right_answers_are_told_by_nothing_before(ask, ming):
    mine = ask.member(ming.member_id)
    seen = await ask(TASKS, mine)
    started = await ask(START, mine, code="Q")
    attempt = started["data"]["startQuiz"]["attempt"]
    assert attempt["triesLeft"] == 2
    assert attempt["questions"] == [{"text": "Which?", "options": ["one", "two"]}]
    wrong_count = await ask(ANSWER, mine, id=attempt["id"], answers=[1, 2])
    no_option = await ask(ANSWER, mine, id=attempt["id"], answers=[3])
    told = json.dumps([seen, started, wrong_count, no_option])
    assert '"right"' not in told
    assert [one["data"]["answerQuiz"]["refusal"]["path"] for one in (wrong_count, no_option)] == [
        ["input", "answers"],
        ["input", "answers", "0"],
    ]
    answered = await ask(ANSWER, mine, id=attempt["id"], answers=[2])
    assert answered["data"]["answerQuiz"] == {
        "result": {"passed": True, "rightCount": 1, "rightNeeded": 1, "right": [True]},
        "refusal": None,
    }
    await work(NOW)
    _, quiz = (await ask(TASKS, mine))["data"]["me"]["tasks"]
    assert quiz["state"] == "REWARDED"


async def test_no_type_of_the_schema_has_a_right_answer(ask, ming):
    query = "{ __schema { types { name fields { name } inputFields { name } } } }"
    answer = await ask(query, ask.member(ming.member_id))
    found = {
        (kind["name"], field["name"])
        for kind in (answer.get("data") or {"__schema": {"types": []}})["__schema"]["types"]
        for field in (kind["fields"] or []) + (kind["inputFields"] or [])
        if field["name"].lower().startswith("right")
    }
    assert found <= {
        *(("QuizInfo", "rightNeeded"), ("QuizResult", "rightNeeded")),
        *(("QuizResult", "right"), ("QuizResult", "rightCount")),
    }


async def test_somebody_elses_try_is_not_found(ask, ming):
    attempt = (await ask(START, ask.member(ming.member_id), code="Q"))["data"]["startQuiz"]
    other = await a_member()
    async with nothing_changed():
        for id_ in (attempt["attempt"]["id"], member_global_id(ming.member_id), "x"):
            answer = await ask(ANSWER, ask.member(other.member_id), id=id_, answers=[2])
            assert answer["data"]["answerQuiz"]["refusal"]["code"] in {"NOT_FOUND", "INVALID_INPUT"}


async def test_tags_are_for_staff(ask, ming):
    mine, id_ = ask.member(ming.member_id), member_global_id(ming.member_id)
    tagged = await ask(TAG, ask.staff(), id=id_, tag="vip")
    assert tagged["data"]["tagMember"] == {"member": {"tags": ["vip"]}, "refusal": None}
    seen = await ask(TAGS, ask.staff(), id=id_)
    assert seen["data"]["member"]["tags"] == ["vip"]
    assert code_of(await ask("{ me { tags } }", mine)) == "FORBIDDEN"
    assert code_of(await ask(TAG, mine, id=id_, tag="vip")) == "FORBIDDEN"
    async with nothing_changed():
        refused = await ask(TAG, ask.staff(), id=id_, tag="VIP")
    assert refused["data"]["tagMember"]["refusal"]["path"] == ["tag"]


async def test_many_tasks_take_as_many_statements_as_one(ask, ming, time):
    async def statements():
        seen = []
        async with watched(seen.append):
            await ask(TASKS, ask.member(ming.member_id))
        # What each process asks for once a second isn't the document's.
        return len([sql for sql in seen if "alias" not in sql and "programme_version" not in sql])

    await done(paid(ming, "A", 10_000))
    few = await statements()
    later = NOW + timedelta(seconds=1)
    many = [a_task(f"T{n}", kind="orders", target=n + 2) for n in range(150)]
    await in_force(tasks=many, since=later)
    time.set(later)
    await statements()
    assert await statements() == few
