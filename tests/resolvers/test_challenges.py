"""How does a client see contests, boards and badges, and take part?"""

from datetime import timedelta

import pytest

from domain.challenges.model import Shown
from tests.support.api import REFUSAL, code_of, member_global_id
from tests.support.contests import ENDS, STARTS, close, contest, prize
from tests.support.programmes import in_force
from tests.support.shop import done, line, paid
from tests.support.world import NOW, a_member, nothing_changed, whole_programme

MINUTE = timedelta(minutes=1)
MILESTONE = {"score": 90, "gives": {"points": 5, "coupons": ["COUPON_10"]}}
BOARD = """{ challenges { code name metric state startsAt endsAt mustJoin scoreMin tiers
  prizes { fromRank toRank gives { points coupons badges } }
  milestones { score gives { points coupons badges } }
  leaderboard(first: 2) { rank name score isMe }
  me { rank score joinedAt optedOut milestoneScore } } }"""
JOIN = f"""mutation($code: String!) {{ joinChallenge(code: $code) {{
  challenge {{ code me {{ rank optedOut }} }} {REFUSAL} }} }}"""
LEAVE = JOIN.replace("joinChallenge", "leaveChallenge")
SHOW = f"mutation($to: LeaderboardName!) {{ setLeaderboardName(shown: $to) {{ shown {REFUSAL} }} }}"
TITLE = f"mutation($of: String) {{ chooseTitle(badge: $of) {{ member {{ title }} {REFUSAL} }} }}"
HONOURS = "{ me { title leaderboardName badges { code name title description icon awardedAt } } }"


@pytest.fixture
async def spring(ask):
    """A contest in force from now on."""
    del ask
    return await in_force(
        since=STARTS,
        challenges=[
            contest(prizes=[prize(1, 1, points=100, badges=["CHECKIN_30"])], milestones=[MILESTONE])
        ],
        badges=whole_programme().document()["badges"],
    )


@pytest.mark.usefixtures("spring")
async def test_a_member_sees_who_leads_and_where_they_stand(ask, ming):
    ann = await a_member(nickname="Ann")
    await done(paid(ming, "A", 80_00), paid(ann, "B", 90_00))
    answer = await ask(BOARD, ask.member(ming.member_id))
    assert answer["data"]["challenges"] == [
        {
            "code": "SPRING",
            "name": "Spring board",
            "metric": "spend",
            "state": "OPEN",
            "startsAt": STARTS.isoformat().replace("+00:00", "Z"),
            "endsAt": ENDS.isoformat().replace("+00:00", "Z"),
            "mustJoin": False,
            "scoreMin": 1,
            "tiers": [],
            "prizes": [
                {
                    "fromRank": 1,
                    "toRank": 1,
                    "gives": {"points": 100, "coupons": [], "badges": ["A month of check-ins"]},
                }
            ],
            "milestones": [
                {"score": 90, "gives": {"points": 5, "coupons": ["¥10 off"], "badges": []}}
            ],
            "leaderboard": [
                {"rank": 1, "name": "A**", "score": 90, "isMe": False},
                {"rank": 2, "name": "小*", "score": 80, "isMe": True},
            ],
            "me": {
                "rank": 2,
                "score": 80,
                "joinedAt": None,
                "optedOut": False,
                "milestoneScore": 0,
            },
        }
    ]


@pytest.mark.usefixtures("spring")
async def test_staff_see_boards_and_nobody_else_does(ask, ming):
    await done(paid(ming, "A", 80_00))
    (found,) = (await ask(BOARD, ask.staff()))["data"]["challenges"]
    assert (found["leaderboard"], found["me"]) == (
        *([{"rank": 1, "name": "小*", "score": 80, "isMe": False}], None),
    )
    assert code_of(await ask(BOARD)) == "UNAUTHENTICATED"


@pytest.mark.usefixtures("spring")
async def test_a_board_shows_at_most_a_hundred_places(ask, ming):
    query = "query($code: String!, $first: Int) { challenge(code: $code)"
    query += " { code leaderboard(first: $first) { rank } } }"
    mine = ask.member(ming.member_id)
    found = await ask(query, mine, code="SPRING", first=100)
    assert found["data"]["challenge"] == {"code": "SPRING", "leaderboard": []}
    assert (await ask(query, mine, code="SPRING", first=101)).get("errors")
    assert (await ask(query, mine, code="WINTER"))["data"]["challenge"] is None


@pytest.mark.usefixtures("spring")
async def test_a_member_leaves_and_comes_back(ask, ming):
    await done(paid(ming, "A", 80_00))
    mine = ask.member(ming.member_id)
    left = await ask(LEAVE, mine, code="SPRING")
    assert left["data"]["leaveChallenge"]["challenge"]["me"] == {"rank": None, "optedOut": True}
    back = await ask(JOIN, mine, code="SPRING")
    assert back["data"]["joinChallenge"] == {
        "challenge": {"code": "SPRING", "me": {"rank": 1, "optedOut": False}},
        "refusal": None,
    }


@pytest.mark.usefixtures("spring")
async def test_what_can_not_be_joined_is_refused_with_its_reason(ask, ming, time):
    await in_force(challenges=[contest(tiers=["GOLD"])], since=NOW)
    mine = ask.member(ming.member_id)
    for mutation, code, refusal in (
        (JOIN, "WINTER", "NOT_FOUND"),
        (LEAVE, "WINTER", "NOT_FOUND"),
        (JOIN, "SPRING", "NOT_IN_AUDIENCE"),
    ):
        async with nothing_changed():
            answer = await ask(mutation, mine, code=code)
        (made,) = answer["data"].values()
        assert (made["challenge"], made["refusal"]["code"]) == (None, refusal)
    time.set(ENDS)
    query = JOIN.replace("code message", "code message ... on Ended { endsAt }", 1)
    answer = await ask(query, ask.member(ming.member_id), code="SPRING")
    refusal = answer["data"]["joinChallenge"]["refusal"]
    assert (refusal["code"], refusal["endsAt"]) == (
        "ENDED",
        ENDS.isoformat().replace("+00:00", "Z"),
    )


@pytest.mark.usefixtures("spring")
async def test_a_member_chooses_how_others_see_them(ask, ming):
    mine = ask.member(ming.member_id)
    assert (await ask(HONOURS, mine))["data"]["me"]["leaderboardName"] == "MASKED"
    for shown in Shown:
        answer = await ask(SHOW, mine, to=shown.name)
        assert answer["data"]["setLeaderboardName"] == {"shown": shown.name, "refusal": None}
    assert (await ask(HONOURS, mine))["data"]["me"]["leaderboardName"] == "ANONYMOUS"


@pytest.mark.usefixtures("spring")
async def test_badges_are_shown_on_the_member_with_the_title_that_they_chose(ask, ming):
    names = ("fresh", "drinks", "home", "clothing", "beauty")
    basket = [line(5_00, str(n), category=name) for n, name in enumerate(names)]
    await done(paid(ming, "A", *basket))
    mine = ask.member(ming.member_id)
    badge = {
        "code": "ALL_CATEGORIES",
        "name": "Bought from every category",
        "title": "All-rounder",
        "description": "Bought fresh food, drinks, home, clothing and beauty",
        "icon": "basket",
        "awardedAt": NOW.isoformat().replace("+00:00", "Z"),
    }
    assert (await ask(HONOURS, mine))["data"]["me"] == {
        "title": None,
        "leaderboardName": "MASKED",
        "badges": [badge],
    }
    chosen = await ask(TITLE, mine, of="ALL_CATEGORIES")
    assert chosen["data"]["chooseTitle"] == {"member": {"title": "All-rounder"}, "refusal": None}
    zh = await ask("{ me { title badges { name } } }", mine, locale="zh-CN")
    assert zh["data"]["me"] == {"title": "全能买家", "badges": [{"name": "全品类买家"}]}
    seen = await ask(
        "query($id: ID!) { member(id: $id) { title } }",
        ask.staff(),
        id=member_global_id(ming.member_id),
    )
    assert seen["data"]["member"] == {"title": "All-rounder"}
    none = await ask(TITLE, mine, of=None)
    assert none["data"]["chooseTitle"]["member"] == {"title": None}


@pytest.mark.usefixtures("spring")
async def test_a_title_of_somebody_else_is_refused(ask, ming):
    async with nothing_changed():
        answer = await ask(TITLE, ask.member(ming.member_id), of="ALL_CATEGORIES")
    refusal = answer["data"]["chooseTitle"]["refusal"]
    assert (refusal["code"], refusal["message"]) == (
        "TITLE_NOT_HELD",
        "You have no badge ALL_CATEGORIES that gives a title.",
    )


@pytest.mark.usefixtures("spring")
async def test_a_closed_contest_shows_who_won_and_why_the_points_came(ask, ming, time):
    await done(paid(ming, "A", 80_00))
    await close()
    time.set(ENDS + timedelta(days=31))
    mine = ask.member(ming.member_id)
    (found,) = (await ask(BOARD, mine))["data"]["challenges"]
    assert (found["state"], found["leaderboard"], found["me"]["rank"]) == (
        *("CLOSED", [{"rank": 1, "name": "小*", "score": 80, "isMe": True}], 1),
    )
    query = "{ me { pointsHistory(first: 1) { nodes { amount explanation } } } }"
    (entry,) = (await ask(query, mine))["data"]["me"]["pointsHistory"]["nodes"]
    assert entry["amount"] == 100
    assert "Place 1 in “Spring board” with a score of 80: 100 points." in entry["explanation"]
