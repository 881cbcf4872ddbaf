"""What does the staff see and do through the API, and what is left to who is banned?"""

import re
from datetime import timedelta
from typing import Any

from domain.community import operations
from schema.build import build
from schema.community_mutations import CommunityMutations
from schema.moderation import ModerationMutations
from tests.support.api import REFUSAL, member_global_id
from tests.support.talking import BODY, answer, say
from tests.support.working import work
from tests.support.world import NOW, a_member, nothing_changed

OF_STAFF = {
    "pickPost",
    "hideContent",
    "restoreContent",
    "banFromCommunity",
    "liftCommunityBan",
    "decideAppeal",
}
FREE = {"appealModeration", "setBlock", "showHonours"}
"""What the banned may do all the same: object, see less of others and show less of themselves."""
ENDS = (NOW + timedelta(days=3)).isoformat()


async def _done(ask, token, field, arguments, shows="done"):
    found = await ask(f"mutation {{ {field}({arguments}) {{ {shows} {REFUSAL} }} }}", token)
    return found["data"][field]


async def _ids(ask, author) -> tuple[str, str]:
    """Of a post and of a comment."""
    found = await ask(
        "{ feed(of: {scope: HOT}) { nodes { id author { id } comments { nodes { id } } } } }"
    )
    (post,) = [
        node
        for node in found["data"]["feed"]["nodes"]
        if node["author"]["id"] == member_global_id(author.member_id)
    ]
    return post["id"], post["comments"]["nodes"][0]["id"]


async def test_all_that_a_banned_member_would_write_is_refused(ask, ming):
    hua = await a_member(nickname="小华")
    post = await say(hua)
    await answer(ming, post)
    post_id, comment_id = await _ids(ask, hua)
    mine = await say(ming)
    await answer(hua, mine)
    my_post_id, _ = await _ids(ask, ming)
    link = await operations.share(hua.member_id, sku="tea", now=NOW)
    me, staff = ask.member(ming.member_id), ask.staff()
    member = f'memberId: "{member_global_id(ming.member_id)}"'
    banned = f'{member}, reason: "刷屏", endsAt: "{ENDS}"'
    assert await _done(ask, staff, "banFromCommunity", banned) == {"done": True, "refusal": None}
    writes = {
        "createPost": f'input: {{body: "{BODY}", idempotencyKey: "k"}}',
        "deletePost": f'id: "{my_post_id}"',
        "writeComment": f'input: {{postId: "{post_id}", body: "好", idempotencyKey: "k"}}',
        "deleteComment": f'id: "{comment_id}"',
        "setLike": f'id: "{post_id}", liked: true',
        "writeReview": 'input: {orderSource: "shop", orderId: "o", lineId: "1", rating: 5,'
        f' body: "{BODY}", idempotencyKey: "r"}}',
        "acceptAnswer": f'postId: "{my_post_id}", commentId: null',
        "share": 'sku: "tea"',
        "openShare": f'token: "{link.token}"',
        "setFollow": f'memberId: "{member_global_id(hua.member_id)}", following: true',
        "setTopicFollow": 'topic: "TEA", following: false',
        "reportContent": f'id: "{post_id}", reason: SPAM',
    }
    assert _verbs() == {*writes, *OF_STAFF, *FREE}
    for field, arguments in writes.items():
        async with nothing_changed():
            found = await _done(ask, me, field, arguments, shows="__typename")
        assert found["refusal"]["code"] == "COMMUNITY_BANNED", field
    seen = await ask("{ feed(of: {scope: HOME}) { nodes { body } } }", me)
    assert seen["data"]["feed"]["nodes"] == [{"body": BODY}]


async def test_a_banned_member_appeals_and_is_heard(ask, ming):
    hua = await a_member(nickname="小华")
    post = await say(hua)
    await answer(ming, post)
    post_id, _ = await _ids(ask, hua)
    me, staff = ask.member(ming.member_id), ask.staff()
    banned = f'memberId: "{member_global_id(ming.member_id)}", reason: "刷屏"'
    assert await _done(ask, staff, "banFromCommunity", banned) == {"done": True, "refusal": None}
    part = await ask("{ myCommunity { earned level { code } ban { id reason endsAt } } }", me)
    ban = part["data"]["myCommunity"]["ban"]
    assert (ban["reason"], ban["endsAt"]) == ("刷屏", None)
    assert part["data"]["myCommunity"]["level"] == {"code": "LV1"}
    appeal = f'id: "{ban["id"]}", text: "我没有"'
    shows = "appeal { id subjectId state }"
    made = (await _done(ask, me, "appealModeration", appeal, shows))["appeal"]
    assert (made["subjectId"], made["state"]) == (ban["id"], "OPEN")
    decided = f'id: "{made["id"]}", accept: true, answer: "好"'
    found = await _done(ask, staff, "decideAppeal", decided, "appeal { state answer }")
    assert found["appeal"] == {"state": "ACCEPTED", "answer": "好"}
    liked = await _done(ask, me, "setLike", f'id: "{post_id}", liked: true', "isOn")
    assert liked["isOn"] is True


def _verbs() -> set[str]:
    """Mutations of both modules: a new one must say here what it does to the banned."""
    mutation: Any = build()._schema.mutation_type
    own = {*vars(CommunityMutations), *vars(ModerationMutations)}
    snake = {
        re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", name): name
        for name in mutation.fields
    }
    return {name for plain, name in snake.items() if plain in own}


async def test_the_staff_works_through_its_queue_and_its_log(ask, ming):
    hua = await a_member(nickname="小华")
    post = await say(hua)
    await answer(hua, post, "加微信聊")
    await answer(hua, post)
    post_id, _ = await _ids(ask, hua)
    me, staff = ask.member(ming.member_id), ask.staff()
    reported = f'id: "{post_id}", reason: FALSE, note: "假的"'
    assert (await _done(ask, me, "reportContent", reported))["done"]
    await work(NOW)
    queue = """{ moderationQueue { nodes { id author state heldFor reportCount
      reasons { reason count } } } }"""
    nodes = (await ask(queue, staff))["data"]["moderationQueue"]["nodes"]
    assert [(node["state"], node["heldFor"], node["reasons"]) for node in nodes] == [
        ("VISIBLE", None, [{"reason": "FALSE", "count": 1}]),
        ("HELD", "WORDS", []),
    ]
    for node, field in zip(nodes, ("hideContent", "restoreContent"), strict=True):
        assert (await _done(ask, staff, field, f'id: "{node["id"]}", reason: "r"'))["done"]
    assert (await ask(queue, staff))["data"]["moderationQueue"]["nodes"] == []
    log = f"""{{ moderationLog(memberId: "{member_global_id(hua.member_id)}", first: 2) {{
      nodes {{ action actor subjectId reason }} pageInfo {{ hasNextPage }} }} }}"""
    found = (await ask(log, staff))["data"]["moderationLog"]
    assert [entry["action"] for entry in found["nodes"]] == ["RESTORED", "HIDDEN"]
    assert found["nodes"][1]["subjectId"] == post_id
    assert found["pageInfo"]["hasNextPage"] is True
    assert (await ask(f'{{ post(id: "{post_id}") {{ id }} }}', me))["data"]["post"] is None
    lifted = f'memberId: "{member_global_id(hua.member_id)}", reason: "r"'
    refused = (await _done(ask, staff, "liftCommunityBan", lifted))["refusal"]
    assert refused["code"] == "NOTHING_TO_APPEAL"
    appeals = await ask("{ moderationAppeals { nodes { id } } }", staff)
    assert appeals["data"]["moderationAppeals"]["nodes"] == []
