"""What do tests of the community stand on? Topics, one of them for GOLD, in force since ever."""

import pytest

from domain.members.model import Member
from tests.support.programmes import in_force
from tests.support.world import a_member

TOPICS = [
    {"code": "TEA", "name": {"zh-CN": "茶", "en": "Tea"}},
    {"code": "COFFEE", "name": {"zh-CN": "咖啡", "en": "Coffee"}},
    {
        "code": "LOUNGE",
        "name": {"zh-CN": "金卡专区", "en": "Lounge"},
        "read": {"tier_min": "GOLD"},
        "write": {"tier_min": "PLATINUM"},
    },
    {
        "code": "EXPERTS",
        "name": {"zh-CN": "达人", "en": "Experts"},
        "write": {"level_min": "LV3"},
    },
]


@pytest.fixture
async def square(database) -> None:  # noqa: ARG001  the rows go into it
    await in_force(community={"topics": TOPICS})


@pytest.fixture
async def ming(square: None) -> Member:
    del square
    return await a_member(nickname="小明")


@pytest.fixture
async def hua(square: None) -> Member:
    del square
    return await a_member(nickname="小华")
