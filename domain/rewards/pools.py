"""How does a batch put some of its codes into a pool?"""

from datetime import datetime

from db.connection import Tx
from db.queries import batches as batch_queries
from db.queries import rewards as queries
from domain.batches.model import Batch, Line, Progress
from domain.batches.rules import line_of
from domain.rewards import rules
from domain.rewards.errors import CodeInPool
from kit.errors import InvalidInput

LOAD = "rewards.codes"


async def load_some(
    tx: Tx, batch: Batch, cursor: str | None, limit: int, *, now: datetime
) -> Progress:
    """The next codes by one statement; the first of equal ones is taken, the others reported."""
    found = await batch_queries.rows(tx, batch.id, after=int(cursor or 0), limit=limit)
    lines: list[Line] = []
    first: dict[str, int] = {}
    for number, row in found:
        code = row[rules.COLUMN]
        try:
            rules.check_code(code, [rules.COLUMN])
        except InvalidInput as refusal:
            lines.append(line_of(refusal, number, column=rules.COLUMN))
            continue
        if first.setdefault(code, number) != number:
            lines.append(line_of(CodeInPool(), number, column=rules.COLUMN))
    new = await queries.add_new_codes(tx, batch.parameters["pool"], [*first], added_at=now)
    known = [number for code, number in first.items() if code not in new]
    lines += [line_of(CodeInPool(), number, column=rules.COLUMN) for number in known]
    duplicates = sum(line.code == CodeInPool.code for line in lines)
    return Progress(
        done=len(new),
        refused=len(lines),
        cursor=str(found[-1][0]) if len(found) == limit else None,
        lines=tuple(sorted(lines, key=_number)),
        counts={"added": len(new), "duplicates": duplicates},
    )


def _number(line: Line) -> int:
    return line.number or 0
