"""SQL by which what is to be done for a member, and what leads to them, is another's."""

from collections.abc import Sequence
from uuid import UUID

from db.connection import Tx

# Followers are taken over one by one (`community.take_followers`).
_JOBS_OF = (
    "s.member_id = $1 AND s.state IN ('ready', 'running') AND s.kind <> 'webhooks.send'"
    " AND NOT (s.kind = 'community.receive' AND s.payload ->> 'kind' = 'FOLLOW')"
)
# What is to be done about an order, a checkout, a friend or what was said goes with it.
_JOBS_ABOUT = (
    f"{_JOBS_OF} AND (s.payload ->> 'purchase_id' = ANY($3) OR s.kind = 'intake'"
    " AND split_part(s.key, ':', 2) = ANY($3) OR s.kind LIKE 'checkouts.%' AND s.key = ANY($3)"
    " OR s.kind LIKE 'referral.%' AND s.payload ->> 'invitee_id' = ANY($3)"
    " OR s.kind = 'community.returned' AND s.key = ANY($3)"
    " OR s.kind = 'community.receive' AND s.payload ->> 'subject_id' = ANY($3))"
)
_MOVE_JOBS = """
INSERT INTO job SELECT r.* FROM (SELECT DISTINCT ON (s.kind, s.key) s.* FROM job s WHERE {}
  ORDER BY s.kind, s.key, s.run_at) AS s, LATERAL jsonb_populate_record(NULL::job, to_jsonb(s)
  || jsonb_build_object('member_id', $2::uuid, 'state', 'ready', 'attempts', 0,
    'token', s.token + 1, 'lease_until', NULL)) AS r
ON CONFLICT (member_id, kind, key) WHERE state = 'ready'
  DO UPDATE SET run_at = least(job.run_at, EXCLUDED.run_at)
"""


async def move_jobs(tx: Tx, source: UUID, target: UUID, about: Sequence[str] | None = None) -> None:
    """Let what is to be done for one member be done for another.

    Or only what is `about` these orders, checkouts, friends or content, by their ids.

    Whoever is at it has lost the lease. What endpoints are told stays addressed as it was.
    """
    args: list[object] = [] if about is None else [list(about)]
    where = _JOBS_OF if about is None else _JOBS_ABOUT
    await tx.execute(_MOVE_JOBS.format(where), source, target, *args)
    where = where.replace("$3", "$2")
    await tx.execute(f"DELETE FROM job AS s WHERE {where}", source, *args)  # noqa: S608


async def point(tx: Tx, member_id: UUID, *, external_ids: Sequence[str], code: str) -> None:
    """Let a shop's customer ids and a referral code be this member's."""
    await tx.execute(
        "UPDATE external_id SET member_id = $1 WHERE external_id = ANY($2)",
        member_id,
        list(external_ids),
    )
    await tx.execute("UPDATE referral_code SET member_id = $1 WHERE code = $2", member_id, code)


async def point_codes(
    tx: Tx, member_id: UUID, *, coupons: Sequence[str], pool_codes: Sequence[UUID]
) -> None:
    """Let the codes of coupons, and pools' codes of redemptions, be found with this member."""
    if coupons:
        await tx.execute(
            "UPDATE coupon_code SET member_id = $1 WHERE code IN (SELECT code FROM coupon"
            " WHERE member_id = $1 AND id = ANY($2::uuid[]))",
            member_id,
            list(coupons),
        )
        await tx.execute(
            "UPDATE voucher SET member_id = $1 WHERE coupon_id = ANY($2::uuid[])",
            member_id,
            list(coupons),
        )
    if pool_codes:
        await tx.execute(
            "UPDATE reward_code SET member_id = $1 WHERE redemption_id = ANY($2::uuid[])",
            member_id,
            list(pool_codes),
        )


async def move_devices(
    tx: Tx, source: UUID, target: UUID, tokens: Sequence[str] | None = None
) -> list[str]:
    """Let push messages for another member reach these devices, or all; their tokens."""
    rows = await tx.fetch(
        "UPDATE push_address SET member_id = $2 WHERE member_id = $1"
        " AND ($3::text[] IS NULL OR token = ANY($3)) RETURNING token",
        source,
        target,
        None if tokens is None else list(tokens),
    )
    return [row["token"] for row in rows]


async def name_survivor(tx: Tx, member_id: UUID, survivor_id: UUID | None) -> None:
    """Note as whom a member goes on; None: as themselves again."""
    await tx.execute(
        "UPDATE member SET merged_into = $2 WHERE member_id = $1", member_id, survivor_id
    )
    await tx.execute(
        "INSERT INTO alias VALUES ($1::uuid, coalesce($2::uuid, $1::uuid), nextval('alias_number'))"
        " ON CONFLICT (member_id) DO UPDATE SET survivor_id = EXCLUDED.survivor_id,"
        " number = EXCLUDED.number",
        member_id,
        survivor_id,
    )


async def rest(tx: Tx, member_id: UUID) -> None:
    """Let time have nothing to judge of a merged member's tier."""
    await tx.execute("UPDATE standing SET retention_at = NULL WHERE member_id = $1", member_id)
