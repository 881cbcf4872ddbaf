"""How is what a review or a post gave taken back when it is taken down?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from db.connection import Tx
from db.queries import intake as queries
from domain.effects.model import Effect, TakeBackGrowth, TakeBackPoints
from domain.ledger.steps import Desk, load_lots
from domain.programme.views import Versions
from domain.rewards.steps import issue
from domain.tiers.steps import assess_job

REMOVED = "removed"


async def take_back(
    tx: Tx, desk: Desk, payload: Mapping[str, Any], versions: Versions, now: datetime
) -> bool:
    """Take back points and GROWTH of the interaction, once; whether it is known at all.

    What went with an order that was sent back is gone already.
    """
    found = await queries.interaction(
        tx, desk.member.member_id, payload["type"], payload["source"], payload["reference"]
    )
    if found is None:
        return False
    growth = int(orjson.loads(found["outcome"])["growth"])
    lot_ids = await queries.lots_left(tx, desk.member.member_id, found["id"])
    await load_lots(tx, desk.points, lot_ids)
    effects: list[Effect] = [
        TakeBackPoints(lot_id, desk.points.lots[lot_id].granted, REMOVED) for lot_id in lot_ids
    ]
    if lot_ids and growth:
        effects.append(TakeBackGrowth(growth, "interaction"))
        desk.changes.put("job", assess_job(desk.member.member_id, now, now))
    decision = desk.decide(
        f"{REMOVED}\x1f{found['key']}",
        REMOVED,
        found["programme_version"],
        inputs={"type": payload["type"], "reference": payload["reference"]},
        outcome={"growth": growth if lot_ids else 0},
        occurred_at=now,
    )
    issue(
        desk,
        decision,
        effects,
        programme=versions.numbered(found["programme_version"]).programme,
        source_type=REMOVED,
        source_id=payload["reference"],
        occurred_at=now,
    )
    return True
