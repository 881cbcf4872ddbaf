"""Are links, accepted answers and reviews whose they are after a merge, and after it is undone?"""

from datetime import timedelta

import pytest

from db.connection import reader
from domain.community import operations, views
from domain.community.model import Draft
from tests.support.merging import balance, merged, parted, sound
from tests.support.shop import done, line, paid, refunded
from tests.support.talking import answer, say, voiced
from tests.support.working import work
from tests.support.world import NOW, a_member, published

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(minutes=5)
QUESTION = "隔夜的绿茶还能不能喝？想听听大家的经验。"


async def test_a_link_is_its_holders_and_counts_who_opened_it_once():
    await published()
    ming, hong, ann = await a_member(), await a_member(), await a_member()
    post = await say(hong)
    link = await operations.share(hong.member_id, of=(post.member_id, post.id), now=NOW)
    await operations.open_share(ann.member_id, link.token, now=NOW)
    await merged(ming, hong)
    await work(NOW)
    found = await views.shared(link.token)
    assert found is not None
    assert (found.member_id, found.post_member_id, found.open_count) == (
        *(ming.member_id, ming.member_id),
        1,
    )
    await operations.open_share(ming.member_id, link.token, now=NOW)
    await operations.open_share(ann.member_id, link.token, now=NOW)
    await work(NOW)
    assert (await balance(ming))[1] == 5 + 5
    await parted(ming, hong)
    await work(NOW)
    again = await views.shared(link.token)
    assert again is not None
    assert (again.member_id, again.post_member_id, again.open_count) == (
        *(hong.member_id, hong.member_id),
        1,
    )
    await sound(NOW)


async def test_an_answer_that_was_accepted_is_still_accepted_and_may_be_changed():
    await published()
    asker = await voiced()
    ming, hong = await a_member(), await a_member()
    question = await say(asker, QUESTION, is_question=True)
    comment = await answer(hong, question)
    await operations.accept_answer(
        asker.member_id, question.id, (hong.member_id, comment.id), now=NOW
    )
    await work(NOW)
    await merged(ming, hong)
    await work(NOW)
    async with reader() as tx:
        named = await tx.fetchval(
            "SELECT accepted_member_id FROM community_post WHERE id = $1", question.id
        )
    assert named == ming.member_id
    assert (await balance(ming))[1] == 20
    await operations.accept_answer(asker.member_id, question.id, None, now=NOW)
    await work(NOW)
    assert (await balance(ming))[1] == 0
    await sound(NOW)


async def test_a_review_goes_with_the_order_of_whom_it_is_by():
    await published()
    ming, hong = await a_member(), await a_member()
    await done(paid(hong, "o1", line(10_000, "1", sku="tea")))
    draft = Draft(
        "茶叶条索紧结，香气清高，泡出来的汤色很透亮，会回购。",
        order=("shop", "o1"),
        line_id="1",
        rating=5,
    )
    await operations.create_post(hong.member_id, draft, key="k", now=NOW)
    await merged(ming, hong)
    await work(NOW)
    assert (await balance(ming))[0] == 120
    await done(refunded(hong, "o1", "r1", at=LATER))
    await work(LATER)
    assert await balance(ming) == (0, 0, 0)
    await sound(LATER)
