"""How does a test tell a member something, and see what became of it?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, reader, transactional
from domain.notifications.model import Channel, Failure, Letter, Outbox, Provider, Template
from domain.notifications.steps import SEND, notify
from domain.programme.model.messages import KINDS
from domain.webhooks.steps import write
from tests.support.working import work
from tests.support.world import NOW
from workers import notifications


class Post:
    """A provider that keeps what it is given; `answers` are raised or returned, one by one."""

    def __init__(self, *answers: str | Failure) -> None:
        self.letters: list[Letter] = []
        self.answers = list(answers)

    @property
    def name(self) -> str:
        return "post"

    async def carry(self, letter: Letter) -> str:
        self.letters.append(letter)
        answer = self.answers.pop(0) if self.answers else "taken"
        if isinstance(answer, Failure):
            raise answer
        return answer


def use(**providers: Provider) -> None:
    """By the channel's name."""
    notifications.use(Outbox({Channel(name): one for name, one in providers.items()}))


@transactional
async def tell(
    tx: Tx,
    member_id: UUID,
    template: Template = Template.TASK_COMPLETED,
    cause: str = "test",
    facts: Mapping[str, Any] | None = None,
    at: datetime = NOW,
) -> None:
    """With the example's facts where none are given."""
    changes = Changes()
    given = KINDS[template].example if facts is None else facts
    notify(changes, member_id, template, cause, dict(given), occurred_at=at, now=at)
    await write(tx, changes, now=at)


async def told(
    member_id: UUID, template: Template, *, at: datetime = NOW, cause: str = "t"
) -> None:
    """Tell, and do the work that follows at once."""
    await tell(member_id, template, cause, at=at)
    await work(at)


async def outcomes(member_id: UUID) -> list[tuple[str, str, str | None, int]]:
    """Channel, state, reason and attempts of each delivery, in the order of notifications."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT channel, state, reason, attempts FROM delivery WHERE member_id = $1"
            " ORDER BY notification_id, channel",
            member_id,
        )
    return [tuple(row) for row in rows]


async def sending_at(member_id: UUID) -> list[datetime]:
    """When the jobs that wait would send."""
    async with reader() as tx:
        rows = await tx.fetch(
            "SELECT run_at FROM job WHERE member_id = $1 AND kind = $2 AND state = 'ready'"
            " ORDER BY run_at",
            member_id,
            SEND,
        )
    return [row["run_at"] for row in rows]
