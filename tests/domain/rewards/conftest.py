"""What do tests of rewards stand on? The default programme with rewards of every sort, in force."""

import pytest

from domain.programme import operations
from domain.programme.model import Programme
from tests.support.world import NOW, programme

_TITLE = {"zh-CN": "测试", "en": "test"}


def reward(code: str, **facts) -> dict:
    return {"code": code, "kind": "PHYSICAL", "title": _TITLE, "price_points": 100, **facts}


EXTRA = (
    reward("LATER", starts_at="2026-04-01T00:00:00+08:00"),
    reward("OVER", ends_at="2026-03-01T00:00:00+08:00"),
    reward("FOR_GOLD", tier_min="GOLD"),
    reward("MONTHLY", limit={"count": 2, "period": "month"}),
    reward("ONCE", limit={"count": 1, "period": "ever"}),
    reward("SCARCE", stock=3),
    reward("CHEAPER_FOR_SILVER", prices={"SILVER": 80}),
    reward("CODES", kind="VIRTUAL", code_pool="CODES", stock=10),
    reward("STRICT", tier_min="GOLD", limit={"count": 1, "period": "day"}, stock=0),
)


def with_rewards(*rewards: dict, **stocks: int) -> Programme:
    """The default programme with more rewards; `stocks` sets the stock of some."""
    document = programme().document()
    found = [*document["rewards"], *EXTRA, *rewards]
    document["rewards"] = [
        {**entry, "stock": stocks[entry["code"]]} if entry["code"] in stocks else entry
        for entry in found
    ]
    return Programme.of(document)


@pytest.fixture
async def shop(database) -> Programme:  # noqa: ARG001  the rows go into it
    """Published since ever."""
    published = with_rewards()
    await operations.publish(published, now=NOW, published_by="tests")
    return published
