"""How does a member stand after a merge or an unmerge? As the higher did, by what counts now."""

from datetime import datetime
from uuid import UUID

from db import rows
from db.connection import Tx
from db.queries import merges as queries
from domain.intake.steps import Case, open_cases, pass_time
from domain.ledger.steps import post
from domain.members.model import Member
from domain.merging import rules
from domain.merging.model import Json
from domain.orders.standing import StandingRow, reassess, review, stand
from domain.programme.views import versions
from domain.tiers.model import Standing


async def bring_up_to_date(tx: Tx, members: list[Member], now: datetime) -> dict[UUID, Json]:
    """Do what time alone has done to each by now; their rows of `standing` after it."""
    cases = await _cases(tx, members, now)
    for case in cases.values():
        pass_time(case, now)
    await post(tx, *(case.dossier.desk for case in cases.values()))
    found = await queries.standings(tx, [member.member_id for member in members])
    return {UUID(row["member_id"]): row for row in found}


async def join(tx: Tx, survivor: Member, other: Json, key: str, now: datetime) -> str:
    """Let the survivor stand as the higher of both, then by the orders of both; the tier's code."""
    case = (await _cases(tx, [survivor], now))[survivor.member_id]
    programme = case.dossier.versions.at(now).programme
    before = case.dossier.standing
    together = rules.together(before, standing_of(other), programme)
    if together != before:
        stand(case.dossier, together, "merge", key)
        await post(tx, case.dossier.desk)
    return await judge(tx, survivor, now)


async def part(tx: Tx, survivor: Member, before: Json, key: str, now: datetime) -> None:
    """Let the survivor stand as they did before the merge."""
    case = (await _cases(tx, [survivor], now))[survivor.member_id]
    stand(case.dossier, standing_of(before), "unmerge", key)
    await post(tx, case.dossier.desk)


async def judge(tx: Tx, member: Member, now: datetime) -> str:
    """Judge by all that counts for the member now; the code of the tier that they have."""
    case = (await _cases(tx, [member], now))[member.member_id]
    review(case.dossier, now, may_tell=False)
    reassess(case.dossier, now, refunded=False)
    review(case.dossier, now)
    await post(tx, case.dossier.desk)
    (row,) = await queries.standings(tx, [member.member_id])
    return row["tier_code"]


def standing_of(row: Json) -> Standing:
    return rows.read(StandingRow, row).standing()


async def _cases(tx: Tx, members: list[Member], now: datetime) -> dict[UUID, Case]:
    return await open_cases(tx, members, (), await versions(tx), now)
