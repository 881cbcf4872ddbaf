"""What do tests of gifts stand on? A programme that gives something on every occasion."""

import pytest

from tests.support.programmes import in_force
from tests.support.world import programme

TEA = {"code": "TEA_5", "name": {"zh-CN": "茶券", "en": "Tea"}, "amount_off": "5"}
CAKE = {"code": "CAKE", "name": {"zh-CN": "蛋糕", "en": "Cake"}}


@pytest.fixture
async def giving(database: str) -> int:
    """The number of the version: in force since ever."""
    assert database
    return await in_force(**sections())


def sections(**gifts):
    """Welcome 100 and a coupon, birthday 88 and a badge, SILVER 50, GOLD 200 and a coupon."""
    document = programme().document()
    ladder = document["tiers"]["ladder"]
    ladder[1]["gifts"]["points"] = 50
    ladder[2]["gifts"] = {"points": 200, "coupons": ["TEA_5"], "badges": []}
    welcome = {"points": 100, "coupons": ["TEA_5"]}
    birthday = {"points": 88, "badges": ["CAKE"]}
    return {
        "coupons": [*document["coupons"], TEA],
        "badges": [CAKE],
        "tiers": {"ladder": ladder},
        "gifts": {"welcome": welcome, "birthday": birthday} | gifts,
    }
