"""SQL for metrics and readiness: how late is work, and how much value is there?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from db.connection import Tx


async def oldest_due(tx: Tx, now: datetime) -> datetime | None:
    """Since when the job that waits longest is due; None where none waits."""
    return await tx.fetchval(
        "SELECT least((SELECT min(run_at) FROM job WHERE state = 'ready' AND run_at <= $1),"
        " (SELECT min(lease_until) FROM job WHERE state = 'running' AND lease_until <= $1))",
        now,
    )


async def jobs_by_state(tx: Tx) -> dict[str, int]:
    """Those that aren't done."""
    rows = await tx.fetch(
        "SELECT state, count(*) AS jobs FROM job WHERE state <> 'done' GROUP BY state"
    )
    return {row["state"]: row["jobs"] for row in rows}


async def job_latency(tx: Tx, since: datetime) -> list[tuple[str, float, float]]:
    """By kind, of the jobs done since then: seconds from due to done, the median and the 99th."""
    rows = await tx.fetch(
        "SELECT kind, percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP"
        " (ORDER BY extract(epoch FROM done_at - run_at)) AS seconds"
        " FROM job WHERE state = 'done' AND done_at > $1 GROUP BY kind",
        since,
    )
    return [(row["kind"], *_two(row["seconds"])) for row in rows]


def _two(seconds: Sequence[float]) -> tuple[float, float]:
    median, slowest = seconds
    return float(median), float(slowest)


async def inbox_by_state(tx: Tx) -> dict[str, int]:
    """Events that were set aside, are parked or were refused."""
    rows = await tx.fetch(
        "SELECT state, count(*) AS events FROM inbox"
        " WHERE state IN ('dead', 'parked', 'refused') GROUP BY state"
    )
    return {row["state"]: row["events"] for row in rows}


async def moved(tx: Tx) -> dict[tuple[str, str], int]:
    """What crossed between members and each programme-side account, net, by currency and account.

    Points, and minor units of credit.
    """
    rows = await tx.fetch(
        "SELECT currency, account, sum(amount)::bigint AS amount FROM ("
        "SELECT currency, debit_account AS account, sum(-amount) AS amount FROM transfer"
        " WHERE currency IN ('POINTS', 'CREDIT') GROUP BY 1, 2 UNION ALL"
        " SELECT currency, credit_account, sum(amount) FROM transfer"
        " WHERE currency IN ('POINTS', 'CREDIT') GROUP BY 1, 2) AS moved"
        " WHERE account IN ('issuance', 'redemption', 'expiry', 'adjustment', 'lottery')"
        " GROUP BY 1, 2"
    )
    return {(row["currency"], row["account"]): row["amount"] for row in rows}


async def in_wallets(tx: Tx) -> dict[tuple[str, str], int]:
    """What members' wallets hold: the programme's liability, by currency and balance."""
    rows = await tx.fetch(
        "SELECT currency, sum(pending)::bigint AS pending, sum(available)::bigint AS available,"
        " sum(held)::bigint AS held, sum(debt)::bigint AS debt"
        " FROM wallet WHERE currency IN ('POINTS', 'CREDIT') GROUP BY currency"
    )
    return {
        (row["currency"], balance): amount
        for row in rows
        for balance, amount in row.items()
        if balance != "currency"
    }


async def reviews_open(tx: Tx) -> int:
    """Referrals that wait for staff."""
    found = await tx.fetchval(
        "SELECT count(*) FROM referral_review v JOIN referral r USING (member_id)"
        " WHERE v.state = 'OPEN' AND r.state IN ('BOUND', 'QUALIFIED', 'REWARDED')"
    )
    return int(found)


async def proposals_open(tx: Tx) -> int:
    """Adjustments and issues that wait for a second of the staff."""
    found = await tx.fetchval(
        "SELECT count(*) FROM staff_proposal WHERE state = 'PENDING' AND expires_at > now()"
    )
    return int(found)


async def events_set_aside(
    tx: Tx, states: Sequence[str], *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Record]:
    """Of these states (dead, parked, refused), the last received first."""
    return await tx.fetch(
        "SELECT * FROM inbox WHERE state IN ('dead', 'parked', 'refused') AND state = ANY($1)"
        " AND ($2::timestamptz IS NULL OR (received_at, id) < ($2, $3::uuid))"
        " ORDER BY received_at DESC, id DESC LIMIT $4",
        list(states),
        *(before or (None, None)),
        limit,
    )
