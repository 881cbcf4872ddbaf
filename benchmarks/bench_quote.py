"""quoteCart over HTTP with 20 coupons and 30 lines, against the pure function alone.

One uvicorn process, one connection for how long an answer takes, then 8 for how many there are. The
reference prices the same carts with the same coupons in this process, without a server or a
database. Before anything is timed both must come to the same amount. The ratio is that of the
median times: how much of an answer is the price itself.
"""

import asyncio
import itertools
import json
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any
from uuid import UUID

import uvloop

from benchmarks.bed import Bed, arguments, bed, report, token
from benchmarks.bench_pricing import CATEGORIES, COUPONS, KINDS, a_cart
from benchmarks.crowd import SEED, member_id
from benchmarks.load import Load, drive, request
from db.connection import Tx, close_pool, open_pool, reader, transactional
from domain.checkouts import steps
from domain.checkouts.model import Purse
from domain.coupons.model import Owned, Source
from domain.coupons.steps import held, issue
from domain.ledger.steps import open_desk, post
from domain.pricing.model import Cart, Wish
from domain.programme import operations as programmes
from domain.programme.model import Programme
from domain.programme.views import Published, versions
from kit.ids import new_id

CONNECTIONS = 8
BUYERS = 50
GOAL = 0.1
QUOTE = """query($cart: CartInput!) { quoteCart(input: {cart: $cart}) {
  refusal { code } quote { digest payableMinor points isBest
    lines { lineId netMinor payableMinor discounts { kind reference amountMinor } }
    coupons { id template amountMinor } refusedCoupons { id reason message } } } }"""


@dataclass(frozen=True)
class Question:
    """What one buyer asks, and all that the pure function needs for it."""

    buyer: UUID
    cart: Cart
    owned: list[Owned]


def main() -> None:
    asked = arguments(__doc__)
    with bed(asked.members) as found:
        published, questions = asyncio.run(_prepare(found))
        with found.api() as api:
            ours = [_message(found, api, question) for question in questions]
            _compare(api, ours[0], questions[0], published)
            alone: list[float] = []
            single: list[Load] = []
            for _ in range(asked.rounds):
                alone += _alone(questions, published, asked.seconds)
                single.append(_drive(api, ours, 1, asked.seconds))
            many = _drive(api, ours, CONNECTIONS, asked.seconds)
    cuts = quantiles(alone, n=100)
    best = min(single, key=lambda load: load.p50)
    rows = [load.row("quoteCart, 1 connection") for load in single]
    rows += [many.row(f"quoteCart, {CONNECTIONS} connections")]
    pure = {"what": "the pure function", "p50 ms": cuts[49], "p99 ms": cuts[98]}
    report("quote", [*rows, pure | {"answers": len(alone)}], ratio=cuts[49] / best.p50, goal=GOAL)


async def _prepare(found: Bed) -> tuple[Published, list[Question]]:
    """A version with the coupons, and some members who have one of each."""
    chance = random.Random(SEED)  # noqa: S311  the same carts in every run
    await open_pool(found.database_url)
    now = datetime.now(UTC)  # noqa: TID251  the run's own instant
    latest = (await versions()).at(now)
    document = latest.programme.document()
    document["coupons"] = [*document["coupons"], *_templates(chance)]
    await programmes.publish(Programme.of(document), now=now, published_by="benchmark")
    version = (await versions()).latest()
    assert version is not None
    questions: list[Question] = []
    for number in range(min(BUYERS, found.members)):
        await _give(member_id(number), now)
        async with reader() as tx:
            owned = await held(tx, member_id(number))
        questions.append(Question(member_id(number), a_cart(chance), owned))
    await close_pool()
    return version, questions


def _templates(chance: random.Random) -> list[dict[str, Any]]:
    """Of all kinds, one for each coupon of a buyer."""
    found: list[dict[str, Any]] = []
    for number in range(COUPONS):
        _, kind, worth = chance.choices(KINDS, [weight for weight, _, _ in KINDS])[0]
        include = {"category": [chance.choice(CATEGORIES)]} if chance.randint(0, 1) else {}
        found.append(
            {
                "code": f"BENCH_{number}",
                "name": {"zh-CN": "券", "en": "Coupon"},
                "kind": kind,
                "scope": {"include": include},
                "priority": chance.choice((10, 50, 100)),
                "threshold": chance.choice(("0", "100", "300", "1000")),
                **worth,
            }
        )
    return found


@transactional
async def _give(tx: Tx, buyer: UUID, now: datetime) -> None:
    published = (await versions(tx)).latest()
    assert published is not None
    desk = await open_desk(tx, buyer, now)
    decision = desk.decide(
        f"benchmark {new_id()}", "test", published.version, inputs={}, outcome={}, occurred_at=now
    )
    for number in range(COUPONS):
        face = published.programme.coupon(f"BENCH_{number}")
        assert face is not None
        issue(desk, decision, face, source=Source("benchmark", str(number)))
    await post(tx, desk)


def _message(found: Bed, api: str, question: Question) -> bytes:
    lines = [
        {
            "lineId": line.line_id,
            "sku": line.sku,
            "amountMinor": line.amount_minor,
            "quantity": line.quantity,
            "category": line.category,
            "eligible": line.eligible,
        }
        for line in question.cart.lines
    ]
    cart = {"lines": lines, "shippingMinor": question.cart.shipping_minor}
    body = json.dumps({"query": QUOTE, "variables": {"cart": cart}}).encode()
    bearer = token("member", str(question.buyer), found.now)
    return request(f"{api}/graphql", body=body, token=bearer)


def _price(question: Question, published: Published, now: datetime) -> Any:  # noqa: ANN401
    return steps.quote(
        question.cart,
        Wish(),
        question.owned,
        Purse(None, 0, 0),
        published,
        member_id=question.buyer,
        now=now,
    ).price


def _alone(questions: list[Question], published: Published, seconds: float) -> list[float]:
    """How long each price took, in milliseconds."""
    times: list[float] = []
    now = datetime.now(UTC)  # noqa: TID251  the run's own instant
    deadline = time.perf_counter() + seconds
    for question in itertools.cycle(questions):
        began = time.perf_counter()
        if began > deadline:
            return times
        _price(question, published, now)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _drive(url: str, messages: list[bytes], connections: int, seconds: float) -> Load:
    endless = itertools.cycle(messages)
    return uvloop.run(drive(url, endless, connections=connections, seconds=seconds))


def _compare(api: str, message: bytes, question: Question, published: Published) -> None:
    answer = asyncio.run(drive(api, iter([message] * 2), connections=1, seconds=10)).last
    quote = json.loads(answer)["data"]["quoteCart"]["quote"]
    price = _price(question, published, datetime.now(UTC))  # noqa: TID251
    if (quote["payableMinor"], quote["digest"]) != (price.payable_minor, price.digest):
        raise SystemExit(f"the prices differ: {price.payable_minor}, {answer.decode()}")


if __name__ == "__main__":
    main()
