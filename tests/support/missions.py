"""What do tests of tasks do? A programme with tasks, and what became of them for a member."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from db.connection import reader
from domain.members.model import Member
from tests.support.programmes import in_force
from tests.support.value import wallet

NAME = {"zh-CN": "任务", "en": "Task"}


def a_task(code: str = "T", kind: str = "orders", **facts: Any) -> dict[str, Any]:
    """It gives 100 points unless `gives` says what."""
    return {"code": code, "name": NAME, "kind": kind, "gives": {"points": 100}, **facts}


async def tasks_in_force(*tasks: dict[str, Any], **sections: Any) -> int:
    return await in_force(tasks=list(tasks), **sections)


async def progress(member: Member) -> dict[tuple[str, str], tuple[str, int, int]]:
    """Of each target that was reached its state, progress and times rewarded."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT task, period, state, progress, times_rewarded FROM task_progress"
            " WHERE member_id = $1 ORDER BY task, period",
            member.member_id,
        )
    return {
        (row["task"], row["period"]): (row["state"], row["progress"], row["times_rewarded"])
        for row in rows
    }


async def rewarded(member: Member) -> list[tuple[str, str]]:
    """Task and period of what stands rewarded."""
    return [key for key, (state, _, _) in (await progress(member)).items() if state == "REWARDED"]


async def balances(member: Member) -> tuple[int, int, int]:
    """Points pending and available, and GROWTH."""
    points = await wallet(member.member_id)
    growth = await wallet(member.member_id, "GROWTH")
    return points.pending, points.available + points.debt, growth.available


async def of_tasks(member: Member, kinds: Collection[str] = ("earn", "take_back")) -> list[int]:
    """What tasks gave (or took back, negative) in points, in order."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT kind, amount FROM transfer WHERE member_id = $1 AND currency = 'POINTS'"
            " AND source_type = 'task' AND kind = ANY($2) ORDER BY seq",
            member.member_id,
            list(kinds),
        )
    return [row["amount"] if row["kind"] == "earn" else -row["amount"] for row in rows]


async def completed_at(member: Member, task: str) -> datetime | None:
    async with reader() as tx:
        return await tx.fetchval(
            "SELECT completed_at FROM task_progress WHERE member_id = $1 AND task = $2",
            member.member_id,
            task,
        )
