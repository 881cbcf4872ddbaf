"""Are members found by what is known of them, page by page?"""

import pytest

from domain.members import views
from kit.errors import InvalidInput
from kit.ids import new_id
from kit.paging import encode_cursor
from tests.support.world import NOW, a_member

pytestmark = pytest.mark.usefixtures("programme")


async def test_a_member_is_found_by_id_customer_id_and_contact():
    member = await a_member(external_id="c-1", email="ann@example.test", phone="13800138000")
    assert await views.member(member.member_id) == member
    assert await views.by_external_id("c-1") == member
    for contact in ("ANN@example.test", "13800138000", "+86 138-0013-8000"):
        assert await views.by_contact(contact, now=NOW) == member


async def test_who_is_unknown_is_not_found():
    assert await views.member(new_id()) is None
    assert await views.by_external_id("c-1") is None
    for contact in ("ann@example.test", "13800138000", "", "not a contact"):
        assert await views.by_contact(contact, now=NOW) is None


async def test_several_members_are_read_at_once():
    members = [await a_member() for _ in range(3)]
    wanted = [member.member_id for member in members[:2]]
    assert await views.members([*wanted, new_id()]) == {
        member.member_id: member for member in members[:2]
    }


async def test_staff_page_through_members_the_newest_first():
    members = [await a_member() for _ in range(5)]
    newest_first = members[::-1]
    first = await views.search("", now=NOW, first=2)
    second = await views.search("", now=NOW, first=2, after=first.cursors[-1])
    third = await views.search("", now=NOW, first=2, after=second.cursors[-1])
    assert [first.items, second.items, third.items] == [
        newest_first[:2],
        newest_first[2:4],
        newest_first[4:],
    ]
    assert [page.has_next for page in (first, second, third)] == [True, True, False]
    assert [page.has_previous for page in (first, second, third)] == [False, True, True]


async def test_staff_search_by_nickname_contact_or_id():
    ann = await a_member(nickname="Ann%", external_id="c-1", email="ann@example.test")
    bob = await a_member(nickname="Bob", external_id="c-2", phone="13800138000")

    async def found(text):
        return (await views.search(text, now=NOW)).items

    assert await found("ann") == [ann]
    assert await found("Ann%") == [ann]
    assert await found("%") == []
    assert await found("c-2") == [bob]
    assert await found("ANN@example.test") == [ann]
    assert await found("138 0013 8000") == [bob]
    assert await found(bob.referral_code.lower()) == [bob]
    assert await found("c-") == []


@pytest.mark.parametrize("cursor", ["", "x", encode_cursor("x"), encode_cursor(1)])
async def test_a_broken_cursor_is_refused(cursor):
    with pytest.raises(InvalidInput) as refused:
        await views.search("", now=NOW, after=cursor)
    assert refused.value.path == ["after"]


async def test_a_page_of_more_than_a_hundred_is_refused():
    with pytest.raises(InvalidInput) as refused:
        await views.search("", now=NOW, first=101)
    assert refused.value.path == ["first"]
