"""Does the time of an answer tell wrong codes apart? Expired and used ones against unknown ones.

Each kind is tried as often as the others, in a random order, by members in turn. Printed is how
often a wrong code of that kind takes longer than an unknown one, half of what is equal: 0.5 tells
nothing apart, and up to 0.55 is what we allow (AUC of the best attacker who sees one answer each).
`--members` (1,500) is how many codes of each kind there are.
"""

import asyncio
import random
import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

import orjson

from benchmarks.bed import SECRET, arguments, report
from benchmarks.crowd import ROOT
from db.connection import close_pool, open_pool, transaction
from db.migrate import migrate
from dev.postgres import psql
from dev.services import Services
from domain.coupons.errors import CodeInvalid
from domain.coupons.model import VouchersAsked
from domain.coupons.operations import make_vouchers, redeem_code
from domain.members.model import Enrolment
from domain.programme.operations import SINCE_EVER
from domain.programme.rules import parse
from domain.referrals.operations import enrol

AUC_MAX = 0.55
COUNT, WARM_UP = 1_500, 100
MEMBERS = 500
CODE = {"code": "PRINTED", "name": {"zh-CN": "测试", "en": "test"}, "amount_off": 1}
_SECRET = SECRET.encode()


def main() -> None:
    count = arguments(__doc__).members if "--members" in sys.argv else COUNT
    with tempfile.TemporaryDirectory() as folder, Services(Path(folder)) as services:
        endpoints = services.endpoints()
        assert endpoints is not None
        taken = asyncio.run(_measure(endpoints.database_url, count))
    unknown = taken["unknown"]
    rows = [
        {
            "what": kind,
            "p50 µs": median(times) * 1e6,
            "p99 µs": quantiles(times, n=100)[98] * 1e6,
            "AUC": f"{_auc(times, unknown):.3f}",
        }
        for kind, times in taken.items()
    ]
    report("coupon_codes", rows)
    worst = max(abs(_auc(times, unknown) - 0.5) + 0.5 for times in taken.values())
    print(f"told apart from an unknown code: {worst:.3f} (goal: at most {AUC_MAX})\n")


def _auc(times: Sequence[float], others: Sequence[float]) -> float:
    """How often one of `times` is longer than one of `others`, ties by half."""
    ordered = sorted(others)
    found = sum(bisect_left(ordered, one) + bisect_right(ordered, one) for one in times)
    return found / (2 * len(times) * len(others))


async def _measure(database_url: str, count: int) -> dict[str, list[float]]:
    now = datetime.now(UTC)  # noqa: TID251  the run's own instant
    await migrate(database_url)
    await open_pool(database_url, size=2)
    try:
        await _publish()
        members = [await _member(number, now) for number in range(MEMBERS)]
        codes = await _codes(members, count, now)
        psql(database_url, "VACUUM ANALYZE")
        chance = random.Random(20261128)  # noqa: S311  an order, not a secret
        tries = [(kind, code) for kind, ones in codes.items() for code in ones]
        chance.shuffle(tries)
        taken: dict[str, list[float]] = {kind: [] for kind in codes}
        for number, (kind, code) in enumerate(tries[-WARM_UP:] + tries):
            seconds = await _refused(members[number % (MEMBERS - 1)], code, now)
            if number >= WARM_UP:
                taken[kind].append(seconds)
    finally:
        await close_pool()
    return taken


async def _codes(members: Sequence[UUID], count: int, now: datetime) -> dict[str, list[str]]:
    """Expired ones, such as another member has used, and such as were never made."""
    before = now - timedelta(days=2)
    ends = now - timedelta(days=1)
    expired = await make_vouchers(
        VouchersAsked("PRINTED", count, "expired", ends), actor="bench", secret=_SECRET, now=before
    )
    used = await make_vouchers(
        VouchersAsked("PRINTED", count, "used"), actor="bench", secret=_SECRET, now=now
    )
    for code in used.codes:
        await redeem_code(members[-1], code, idempotency_key=code, secret=_SECRET, now=now)
    other = b"another key, so that nobody knows these codes"
    unknown = await make_vouchers(
        VouchersAsked("PRINTED", count, "unknown"), actor="bench", secret=other, now=now
    )
    return {
        "unknown": list(unknown.codes),
        "expired": list(expired.codes),
        "used by another member": list(used.codes),
    }


async def _refused(member_id: UUID, code: str, now: datetime) -> float:
    began = time.perf_counter()
    try:
        await redeem_code(member_id, code, idempotency_key=code, secret=_SECRET, now=now)
    except CodeInvalid:
        return time.perf_counter() - began
    raise SystemExit(f"{code} worked")


async def _member(number: int, now: datetime) -> UUID:
    asked = Enrolment(external_id=f"customer-{number}", nickname="crowd")
    return (await enrol(asked, now=now, secret=_SECRET)).member.member_id


async def _publish() -> None:
    document = parse((ROOT / "programmes" / "default.yaml").read_text("utf-8")).document()
    document["coupons"] = [*document["coupons"], {**CODE, "channels": ["voucher"]}]
    async with transaction() as tx:
        await tx.execute(
            "INSERT INTO programme_version VALUES (1, $1, $2, $3, $3, 'benchmarks')",
            "0" * 64,
            orjson.dumps(document).decode(),
            SINCE_EVER,
        )


if __name__ == "__main__":
    main()
