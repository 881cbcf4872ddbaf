"""What do members see and say through the API?"""

from datetime import timedelta

import pytest

from app import throttle
from app.throttle import Limit
from db.connection import watched
from domain.badges.operations import choose_title
from domain.community.operations import ban
from domain.effects.model import AwardBadge, GrantCommunity, GrantGrowth, TakeBackCommunity
from kit.ids import global_id
from tests.support.api import REFUSAL, member_global_id
from tests.support.programmes import in_force
from tests.support.shop import done, line, paid
from tests.support.talking import BODY, answer, say
from tests.support.value import issue_to
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed, programme

_TOPICS = [{"code": "TEA", "name": {"zh-CN": "茶", "en": "Tea"}}]
_CREATE = f"""mutation($input: CreatePostInput!) {{ createPost(input: $input) {{
  post {{ id kind body skus topic {{ name followedByMe }} author {{ nickname }} }} {REFUSAL}
  }} }}"""
_FEED = """query($of: FeedInput!, $first: Int, $after: String) { feed(of: $of, first: $first,
  after: $after) { pageInfo { hasNextPage endCursor } nodes { id body likeCount likedByMe
  commentCount author { id followedByMe } topic { code followedByMe }
  comments(first: 3) { nodes { id body replies(first: 2) { nodes { body } } } } } } }"""
_SWITCH = f"isOn {REFUSAL}"


@pytest.fixture
async def tea(ask) -> None:
    del ask
    await in_force(since=NOW, community={"topics": _TOPICS})


async def test_a_post_is_written_read_liked_and_taken_away(ask, ming, tea):  # noqa: ARG001
    me, hua = ask.member(ming.member_id), await a_member(nickname="小华")
    asked = {"body": BODY, "topic": "TEA", "sku": "tea", "idempotencyKey": "k"}
    made = (await ask(_CREATE, me, input=asked))["data"]["createPost"]
    post = made["post"]
    assert made["refusal"] is None
    assert post == {
        "id": post["id"],
        "kind": "POST",
        "body": BODY,
        "skus": ["tea"],
        "topic": {"name": "Tea", "followedByMe": False},
        "author": {"nickname": "小明"},
    }
    you = ask.member(hua.member_id)
    for field, arguments in (
        ("setLike", f'id: "{post["id"]}", liked: true'),
        ("setFollow", f'memberId: "{member_global_id(ming.member_id)}", following: true'),
        ("setTopicFollow", 'topic: "TEA", following: true'),
    ):
        found = await ask(f"mutation {{ {field}({arguments}) {{ {_SWITCH} }} }}", you)
        assert found["data"][field] == {"isOn": True, "refusal": None}
    comment = f"""mutation {{ writeComment(input: {{postId: "{post["id"]}", body: "好茶",
      idempotencyKey: "c"}}) {{ comment {{ id body author {{ nickname }} }} {REFUSAL} }} }}"""
    said = (await ask(comment, you))["data"]["writeComment"]["comment"]
    assert (said["body"], said["author"]) == ("好茶", {"nickname": "小华"})
    await work(NOW)
    (shown,) = (await ask(_FEED, you, of={"scope": "HOME"}))["data"]["feed"]["nodes"]
    assert shown == {
        "id": post["id"],
        "body": BODY,
        "likeCount": 1,
        "likedByMe": True,
        "commentCount": 1,
        "author": {"id": member_global_id(ming.member_id), "followedByMe": True},
        "topic": {"code": "TEA", "followedByMe": True},
        "comments": {"nodes": [{"id": said["id"], "body": "好茶", "replies": {"nodes": []}}]},
    }
    delete = f'mutation {{ deletePost(id: "{post["id"]}") {{ deletedId {REFUSAL} }} }}'
    async with nothing_changed():
        refused = (await ask(delete, you))["data"]["deletePost"]["refusal"]
    assert refused["code"] == "NOT_FOUND"
    assert (await ask(delete, me))["data"]["deletePost"]["deletedId"] == post["id"]
    gone = f'{{ post(id: "{post["id"]}") {{ id }} }}'
    assert (await ask(gone, me))["data"] == {"post": None}


@pytest.mark.parametrize("count", [2, 30])
async def test_a_page_with_comments_and_answers_is_a_few_statements(ask, ming, tea, count):  # noqa: ARG001
    for number in range(count):
        post = await say(ming, str(number), topic="TEA")
        first = await answer(ming, post)
        await answer(ming, post, to=first)
    statements: list[str] = []
    me = ask.member(ming.member_id)
    await ask(_FEED, me, of={"scope": "HOME"}, first=1)
    async with watched(statements.append):
        page = (await ask(_FEED, me, of={"scope": "HOME"}, first=30))["data"]["feed"]
    assert len(page["nodes"]) == count
    assert all(len(node["comments"]["nodes"][0]["replies"]["nodes"]) == 1 for node in page["nodes"])
    reads = [sql for sql in statements if "community" in sql]
    assert len(reads) == 4, reads


async def test_profiles_and_topics_are_shown_to_everybody(ask, ming, tea):  # noqa: ARG001
    found = await ask(
        f"""{{ communityTopics {{ code name }} communityProfile(memberId:
        "{member_global_id(ming.member_id)}") {{ followerCount level {{ code name benefits }}
        member {{ nickname }} }} }}"""
    )
    assert found["data"] == {
        "communityTopics": [{"code": "TEA", "name": "Tea"}],
        "communityProfile": {
            "followerCount": 0,
            "level": {"code": "LV1", "name": "Newcomer", "benefits": []},
            "member": {"nickname": "小明"},
        },
    }


async def test_what_cannot_be_is_refused_in_words(ask, ming, tea):  # noqa: ARG001
    me = ask.member(ming.member_id)
    async with nothing_changed():
        long = {"body": "好" * 2_001, "idempotencyKey": "k"}
        refused = (await ask(_CREATE, me, input=long))["data"]["createPost"]["refusal"]
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["input", "body"])
    page = await ask(_FEED, of={"scope": "HOME"})
    assert page["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    nowhere = await ask(_FEED, of={"scope": "TOPIC", "topic": "NOWHERE"})
    assert nowhere["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_member_blocks_another_and_the_other_is_told_nothing(ask, ming):
    hong = await a_member(nickname="小红")
    await say(hong)
    token, theirs = ask.member(ming.member_id), ask.member(hong.member_id)
    block = f"""mutation($id: ID!, $on: Boolean!) {{ setBlock(memberId: $id, blocked: $on)
      {{ {_SWITCH} }} }}"""
    hong_id = member_global_id(hong.member_id)
    made = await ask(block, token, id=hong_id, on=True)
    assert made["data"]["setBlock"] == {"isOn": True, "refusal": None}
    feed = await ask(_FEED, token, of={"scope": "HOT"})
    assert feed["data"]["feed"]["nodes"] == []
    listed = await ask("{ blockedMembers { nodes { id nickname } } }", token)
    assert listed["data"]["blockedMembers"]["nodes"] == [{"id": hong_id, "nickname": "小红"}]
    profile = "query($id: ID!) { communityProfile(memberId: $id) { blockedByMe } }"
    seen = await ask(profile, token, id=hong_id)
    assert seen["data"]["communityProfile"] == {"blockedByMe": True}
    follow = f"""mutation($id: ID!) {{ setFollow(memberId: $id, following: true)
      {{ {_SWITCH} }} }}"""
    refused = await ask(follow, theirs, id=member_global_id(ming.member_id))
    assert refused["data"]["setFollow"]["refusal"]["code"] == "INTERACTION_REFUSED"
    back = await ask(profile, theirs, id=member_global_id(ming.member_id))
    assert back["data"]["communityProfile"] == {"blockedByMe": False}
    assert (await ask(_FEED, theirs, of={"scope": "HOT"}))["data"]["feed"]["nodes"] != []


async def test_a_question_a_review_and_a_link_through_the_api(ask, ming, tea):  # noqa: ARG001
    await done(paid(ming, "o1", line(10_000, "1", sku="tea")), now=NOW)
    await in_force(since=NOW, community={"share_url": "https://shop.example/s/{token}"})
    me, hua = ask.member(ming.member_id), await a_member(nickname="小华")
    you = ask.member(hua.member_id)
    review = f"""mutation {{ writeReview(input: {{orderSource: "shop", orderId: "o1", lineId: "1",
      rating: 4, body: "{BODY}", idempotencyKey: "r"}}) {{ post {{ id rating skus
      earned {{ kind state amount }} }} {REFUSAL} }} }}"""
    post = (await ask(review, me))["data"]["writeReview"]["post"]
    assert (post["rating"], post["skus"]) == (4, ["tea"])
    assert post["earned"] == [{"kind": "REVIEW", "state": "PAID", "amount": 20}]
    async with nothing_changed():
        assert (await ask(review, you))["data"]["writeReview"]["refusal"]["code"] == "NOT_BOUGHT"
    page = await ask(
        '{ feed(of: {scope: REVIEWS, sku: "tea"}) { nodes { rating earned { kind } } }'
        ' productRating(sku: "tea") { reviewCount mean } }'
    )
    assert page["data"] == {
        "feed": {"nodes": [{"rating": 4, "earned": []}]},
        "productRating": {"reviewCount": 1, "mean": "4.00"},
    }
    share = (
        f'mutation {{ share(postId: "{post["id"]}") {{ share {{ token url qrCode openCount }} }} }}'
    )
    link = (await ask(share, you))["data"]["share"]["share"]
    assert link["url"] == f"https://shop.example/s/{link['token']}"
    assert link["qrCode"].startswith("<svg")
    opened = f'mutation {{ openShare(token: "{link["token"]}") {{ link {{ post {{ id }} }} }} }}'
    assert (await ask(opened, me))["data"]["openShare"]["link"]["post"]["id"] == post["id"]
    seen = await ask(f'{{ sharedLink(token: "{link["token"]}") {{ sku post {{ rating }} }} }}')
    assert seen["data"]["sharedLink"] == {"sku": None, "post": {"rating": 4}}
    question = {"body": BODY, "question": True, "idempotencyKey": "q"}
    asked = (await ask(_CREATE, me, input=question))["data"]["createPost"]["post"]
    comment = f"""mutation {{ writeComment(input: {{postId: "{asked["id"]}", body: "可以喝的",
      idempotencyKey: "c"}}) {{ comment {{ id }} }} }}"""
    said = (await ask(comment, you))["data"]["writeComment"]["comment"]["id"]
    accept = f"""mutation {{ acceptAnswer(postId: "{asked["id"]}", commentId: "{said}") {{
      post {{ kind acceptedCommentId }} {REFUSAL} }} }}"""
    assert (await ask(accept, me))["data"]["acceptAnswer"]["post"] == {
        "kind": "QUESTION",
        "acceptedCommentId": said,
    }
    async with nothing_changed():
        refused = (await ask(accept, you))["data"]["acceptAnswer"]["refusal"]
    assert refused["code"] == "NOT_FOUND"


TEA_TIME = {
    "code": "TEA_TIME",
    "kind": "BUNDLE",
    "title": {"zh-CN": "茶", "en": "Tea"},
    "price_community": 2,
    "gives": {"points": 10, "coupons": ["COUPON_10"]},
}
_BUY = f"""mutation($code: String!, $key: String!) {{ redeemReward(input: {{rewardCode: $code,
  idempotencyKey: $key}}) {{ redemption {{ state pricePoints priceCommunity codes
  reward {{ code pricePoints priceCommunity gives {{ points coupons }} }} }}
  member {{ points {{ available }} }} {REFUSAL} }} }}"""


async def test_community_buys_a_reward_through_the_api(ask, ming, tea):  # noqa: ARG001
    await in_force(since=NOW, rewards=[TEA_TIME])
    me = ask.member(ming.member_id)
    await answer(ming, await say(await a_member()))
    shelf = "{ rewards { nodes { code pricePoints priceCommunity levelMin redeemable locked } } }"
    assert (await ask(shelf, me))["data"]["rewards"]["nodes"] == [
        {
            "code": "TEA_TIME",
            "pricePoints": 0,
            "priceCommunity": 2,
            "levelMin": None,
            "redeemable": True,
            "locked": False,
        }
    ]
    bought = (await ask(_BUY, me, code="TEA_TIME", key="k"))["data"]["redeemReward"]
    assert bought["member"] == {"points": {"available": 10}}
    made = bought["redemption"]
    assert (made["state"], made["pricePoints"], made["priceCommunity"]) == ("DELIVERED", 0, 2)
    assert len(made["codes"]) == 1
    assert made["reward"] == {
        "code": "TEA_TIME",
        "pricePoints": 0,
        "priceCommunity": 2,
        "gives": {"points": 10, "coupons": ["¥10 off"]},
    }
    refused = (await ask(_BUY, me, code="TEA_TIME", key="k2"))["data"]["redeemReward"]["refusal"]
    assert refused["code"] == "INSUFFICIENT_COMMUNITY"
    part = await ask("{ myCommunity { earned available debt } }", me)
    assert part["data"]["myCommunity"] == {"earned": 2, "available": 0, "debt": 0}


async def test_a_level_is_asked_for_and_the_banned_spend_nothing_through_the_api(ask, ming):
    mug = {**programme().document()["rewards"][1], "code": "LV2_MUG", "level_min": "LV2"}
    secret = {**mug, "code": "SECRET", "visible_from_level": "LV2"}
    await in_force(since=NOW, rewards=[TEA_TIME, mug, secret])
    me = ask.member(ming.member_id)
    shelf = "{ rewards { nodes { code levelMin locked gives { points } } } }"
    assert (await ask(shelf, me))["data"]["rewards"]["nodes"] == [
        {"code": "TEA_TIME", "levelMin": None, "locked": False, "gives": {"points": 10}},
        {"code": "LV2_MUG", "levelMin": "LV2", "locked": True, "gives": None},
    ]
    low = (await ask(_BUY, me, code="SECRET", key="k"))["data"]["redeemReward"]["refusal"]
    assert low["code"] == "LEVEL_TOO_LOW"
    await ban(ming.member_id, ends_at=None, reason="r", actor="ada", now=NOW)
    async with nothing_changed():
        barred = (await ask(_BUY, me, code="TEA_TIME", key="b"))["data"]["redeemReward"]["refusal"]
    assert barred["code"] == "COMMUNITY_BANNED"


async def test_topics_say_who_may_write_in_them_by_tier_and_by_level(ask, ming):
    name = {"zh-CN": "厅", "en": "Room"}
    topics = [
        {"code": "OPEN", "name": name},
        {"code": "GOLD", "name": name, "write": {"tier_min": "GOLD"}},
        {"code": "LV2", "name": name, "write": {"level_min": "LV2"}},
        {"code": "LV2_ONLY", "name": name, "read": {"level_min": "LV2"}},
        {"code": "GOLD_ONLY", "name": name, "read": {"tier_min": "GOLD"}},
    ]
    await in_force(since=NOW, community={"topics": topics})
    query = "{ communityTopics { code writableByMe writeTierMin writeLevelMin } }"

    async def writable(token=None):
        nodes = (await ask(query, token))["data"]["communityTopics"]
        return {node["code"]: node["writableByMe"] for node in nodes}, nodes

    found, nodes = await writable()
    assert found == {"OPEN": False, "GOLD": False, "LV2": False}
    assert [(node["writeTierMin"], node["writeLevelMin"]) for node in nodes] == [
        *((None, None), ("GOLD", None), (None, "LV2"))
    ]
    me = ask.member(ming.member_id)
    assert (await writable(me))[0] == {"OPEN": True, "GOLD": False, "LV2": False}
    await issue_to(ming.member_id, [GrantCommunity(100, "test")])
    assert (await writable(me))[0] == {"OPEN": True, "GOLD": False, "LV2": True, "LV2_ONLY": True}
    await issue_to(ming.member_id, [TakeBackCommunity(1, "test")])
    assert (await writable(me))[0] == {"OPEN": True, "GOLD": False, "LV2": False}
    statements: list[str] = []
    async with watched(statements.append):
        await writable(me)
    assert len([sql for sql in statements if "wallet" in sql]) == 2


async def test_histories_of_community_and_growth_are_read_through_the_api(ask, ming):
    await answer(ming, await say(await a_member()))
    me = ask.member(ming.member_id)
    query = """{ me { communityHistory(first: 1) { nodes { id amount currency explanation } }
      growthHistory { nodes { id amount currency } } } }"""
    seen = (await ask(query, me))["data"]["me"]
    (came,), (grown,) = seen["communityHistory"]["nodes"], seen["growthHistory"]["nodes"]
    assert (came["amount"], came["currency"]) == (2, "COMMUNITY")
    assert came["explanation"].startswith("A comment in the community: 2 community points.")
    assert (grown["amount"], grown["currency"]) == (2, "GROWTH")
    assert came["id"] != grown["id"]
    node = "query($id: ID!) { node(id: $id) { id ... on PointsEntry { amount currency } } }"
    for entry in (came, grown):
        found = (await ask(node, me, id=entry["id"]))["data"]["node"]
        assert found == {name: entry[name] for name in ("id", "amount", "currency")}
        other = ask.member((await a_member()).member_id)
        assert (await ask(node, other, id=entry["id"]))["data"]["node"] is None


async def test_a_member_says_which_honours_others_see(ask, ming):
    await in_force(badges=programme().document()["badges"])
    token, other = ask.member(ming.member_id), ask.member((await a_member()).member_id)
    await issue_to(ming.member_id, [AwardBadge("CHECKIN_30"), GrantGrowth(120, "purchase")])
    await choose_title(ming.member_id, "CHECKIN_30", now=NOW)
    profile = """query($id: ID!) { communityProfile(memberId: $id) {
      member { nickname title tier { code } } growth badges { code name } } }"""
    ming_id = member_global_id(ming.member_id)

    async def seen():
        return (await ask(profile, other, id=ming_id))["data"]["communityProfile"]

    assert await seen() == {
        "member": {"nickname": "小明", "title": "Daily regular", "tier": {"code": "NORMAL"}},
        "growth": None,
        "badges": [{"code": "CHECKIN_30", "name": "A month of check-ins"}],
    }
    show = """mutation($input: ShowHonoursInput!) { showHonours(input: $input) {
      shown { badges title tier growth } refusal { code } } }"""
    wanted = {"badges": False, "title": False, "tier": False, "growth": True}
    made = await ask(show, token, input=wanted)
    assert made["data"]["showHonours"] == {"shown": wanted, "refusal": None}
    assert await seen() == {
        "member": {"nickname": "小明", "title": None, "tier": None},
        "growth": 120,
        "badges": [],
    }
    own = await ask("{ honoursShown { badges title tier growth } }", token)
    assert own["data"]["honoursShown"] == wanted


async def test_a_flood_is_stopped_whatever_it_is_made_of(ask, ming, tea, time, monkeypatch):  # noqa: ARG001
    monkeypatch.setattr(throttle, "ACCOUNT_WRITES", Limit("few", 3, timedelta(minutes=1)))
    me, hua = ask.member(ming.member_id), await a_member(nickname="小华")
    theirs = await say(hua)
    post = global_id("Post", theirs.member_id, theirs.id)
    said = [
        f"""writeComment(input: {{postId: "{post}", body: "好茶", idempotencyKey: "c"}})""",
        f'reportContent(id: "{post}", reason: SPAM, note: "")',
        'share(sku: "tea")',
        f'createPost(input: {{body: "{BODY}", idempotencyKey: "p"}})',
        f'appealModeration(id: "{post}", text: "why")',
    ]

    async def sent(verb):
        answered = await ask(f"mutation {{ it: {verb} {{ {REFUSAL} }} }}", me)
        return answered["data"]["it"]["refusal"]

    assert [await sent(verb) for verb in said[:3]] == [None, None, None]
    async with nothing_changed():
        refused = [await sent(verb) for verb in said[3:]]
    assert {found["code"] for found in refused} == {"TOO_MANY_ATTEMPTS"}
    time.advance(timedelta(seconds=20))
    assert await sent(said[3]) is None
