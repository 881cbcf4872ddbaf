"""How far is the long work that staff began, what did it refuse, and how is it stopped?"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import strawberry

from domain.batches import model
from domain.batches.rules import COUNTS_MAX, LINES_MAX
from kit.ids import global_id
from resolvers import batches
from resolvers.answers import Answer
from schema.guards import Info, allow
from schema.limits.catalogue import cap
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Json, Points


@strawberry.enum
class BatchState(StrEnum):
    """LOADING: its rows are still coming. STOPPED and FAILED: it goes on when it is resumed."""

    LOADING = "LOADING"
    READY = "READY"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    DONE = "DONE"
    FAILED = "FAILED"


@strawberry.type(description="A row that was refused; the others are done.")
class RefusedRow:
    number: Points | None = strawberry.field(description="Its place in the input, from 1.")
    column: str | None
    code: str = strawberry.field(description="Stable; docs/refusals has a page for each.")
    message: str

    @classmethod
    def of(cls, line: model.Line, locale: str) -> "RefusedRow":
        return cls(
            number=line.number,
            column=line.column,
            code=line.code,
            message=line.message(locale),
        )


@strawberry.type(description="A sum that the batch keeps, by its name.")
class BatchCount:
    name: str
    count: Points


@strawberry.type(description="Long work that staff began: an import, an issue.")
class Batch:
    id: strawberry.ID
    kind: str
    state: BatchState
    parameters: Json
    checksum: str | None = strawberry.field(description="Of its input, which makes one batch.")
    total: Points | None = strawberry.field(description="Null while rows are still coming.")
    done: Points
    refused: Points
    counts: list[BatchCount] = strawberry.field(metadata=cap(COUNTS_MAX))
    refused_rows: list[RefusedRow] = strawberry.field(
        description="The first ones; `refused` counts all.", metadata=cap(LINES_MAX)
    )
    created_by: str
    created_at: datetime
    started_at: datetime | None
    changed_at: datetime
    ended_at: datetime | None
    last_error: str | None

    @classmethod
    def of(cls, found: model.Batch, locale: str) -> "Batch":
        return cls(
            id=strawberry.ID(global_id("Batch", found.id)),
            kind=found.kind,
            state=BatchState(found.state),
            parameters=found.parameters,
            checksum=found.checksum,
            total=found.total,
            done=found.done,
            refused=found.refused,
            counts=[BatchCount(name=name, count=found.counts[name]) for name in found.counts],
            refused_rows=[RefusedRow.of(line, locale) for line in found.lines],
            created_by=found.created_by,
            created_at=found.created_at,
            started_at=found.started_at,
            changed_at=found.changed_at,
            ended_at=found.ended_at,
            last_error=found.last_error,
        )


@strawberry.type
class BatchPayload:
    batch: Batch | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[model.Batch], info: Info) -> "BatchPayload":
        locale = info.context.locale
        return cls(
            batch=made.value and Batch.of(made.value, locale),
            refusal=refusal_or_none(made.refusal, locale),
        )


_Id = Annotated[strawberry.ID, strawberry.argument(name="id")]


@strawberry.type
class BatchQueries:
    @strawberry.field(extensions=allow("staff"), description="Null for what isn't there.")
    async def batch(self, info: Info, id_: _Id) -> Batch | None:
        found = await batches.batch(info.context, id_)
        return found and Batch.of(found, info.context.locale)

    @strawberry.field(extensions=allow("staff"), description="The newest first.")
    async def batches(
        self, info: Info, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[Batch]:
        page = await batches.batches(info.context, *page_arguments(first, after))
        return Connection(
            nodes=[Batch.of(found, info.context.locale) for found in page.items],
            page_info=PageInfo.of(page),
            cursors=page.cursors,
        )


@strawberry.type
class BatchMutations:
    @strawberry.mutation(
        extensions=allow("staff"),
        description="From the answer on nothing more of it is done, until it is resumed.",
    )
    async def stop_batch(self, info: Info, id_: _Id) -> BatchPayload:
        return BatchPayload.of(await batches.stop(info.context, id_), info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="One that was stopped, or that failed, goes on from where it stands.",
    )
    async def resume_batch(self, info: Info, id_: _Id) -> BatchPayload:
        return BatchPayload.of(await batches.resume(info.context, id_), info)
