"""How does a member turn points into a reward? In one transaction, once for each key."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.idempotency import input_hash, recalled
from db.queries import rewards as queries
from db.queries.ledger import Also
from domain.coupons import steps as coupons
from domain.coupons.model import Source
from domain.coupons.rules import check_issue
from domain.devices import steps as devices
from domain.devices.model import Visit
from domain.ledger.model import Cause, Currency, Decision
from domain.ledger.steps import Desk, post
from domain.lottery import steps as lottery
from domain.points.rules import inactive_at
from domain.programme.model import Programme, Reward
from domain.programme.views import Published, versions
from domain.rewards import rules
from domain.rewards.errors import OutOfStock
from domain.rewards.model import Offer, Redeemed, Redemption, Request, State
from domain.rewards.steps import give, raise_job, redeemed, require_unbanned
from domain.rewards.winning import Ticket, put_draw
from domain.webhooks.steps import write
from kit.errors import IdempotencyKeyReused, NotFound, Refusal
from kit.ids import new_id

OPERATION = "redeemReward"
BUNDLE = "bundle"


class _SoldOut(Exception):
    """Others took the last ones after this transaction had looked: all of it must go back."""


async def redeem(  # noqa: PLR0913  what a request may say
    member_id: UUID,
    reward_code: str,
    quantity: int,
    *,
    idempotency_key: str,
    now: datetime,
    from_expiring: bool = False,
    client_seed: str = "",
    visit: Visit | None = None,
) -> Redeemed:
    """Take `quantity` of a reward for its price: codes or draws at once, or something to be sent.

    `from_expiring`: at the reward's lower price, from lots that expire within 30 days only.
    `client_seed` goes into the chance of a LOTTERY_TICKET's draws. `visit`: where it is the member
    who asks.

    Refuses, in this order: INVALID_INPUT, NOT_FOUND (member, reward), MEMBER_SUSPENDED,
    COMMUNITY_BANNED (of what costs COMMUNITY), IDEMPOTENCY_KEY_REUSED, INVALID_INPUT (what this
    reward can't be asked for), then what `rules.check_offer` lists, and of a coupon what its
    template says (`coupons.rules.check_issue`); those are kept under the key and answered again. At
    the end NEW_DEVICE_LIMIT, which isn't kept: the same request may be made again after a code. A
    repeated request gets its first redemption, as it stands now, even where the reward is no longer
    offered or the member is suspended or banned meanwhile.
    """
    request = Request(member_id, reward_code, quantity, idempotency_key, from_expiring, client_seed)
    rules.check_request(request)
    try:
        answer = await _redeem(request, visit, now=now)
    except _SoldOut:
        answer = await _redeem(request, visit, now=now, sold_out=True)
    if isinstance(answer, Refusal):
        raise answer
    return answer


@transactional
async def _redeem(
    tx: Tx, request: Request, visit: Visit | None, *, now: datetime, sold_out: bool = False
) -> Redeemed | Refusal:
    published = (await versions(tx)).at(now)
    reward = published.programme.reward(request.reward_code)
    also = _standing(request, reward, published.programme, now=now)
    desk, door = await devices.open_door(tx, request.member_id, now, visit=visit, also=also)
    first = _first_answer(desk, request, reward=reward)
    if first is not None:
        if "refusal" in first:
            return rules.refusal_of(first)
        return await redeemed(tx, desk.member.member_id, UUID(first["redemption"]))
    assert reward is not None
    rules.check_asked(request, reward)
    offer = await _offer(tx, desk, reward, published=published)
    try:
        rules.check_offer(
            *(offer, request.quantity, published.programme),
            now=now,
            from_expiring=request.from_expiring,
        )
        await _check_coupons(tx, desk, reward, request, published.programme)
        if sold_out:
            raise OutOfStock
    except Refusal as refusal:
        changes = Changes()
        changes.put("idempotency", _answered(request, rules.answer_of(refusal), now))
        await write(tx, changes, now=now)
        return refusal
    price = rules.price_of(offer, request.quantity, from_expiring=request.from_expiring)
    currency = Currency.COMMUNITY if reward.costs_community else Currency.POINTS
    await devices.guard(tx, desk, door, {currency: price})
    return await _take(tx, desk, offer, published=published, request=request)


def _standing(
    request: Request, reward: Reward | None, programme: Programme, *, now: datetime
) -> Also:
    limit = None if reward is None else reward.limit
    return queries.standing(
        *(OPERATION, request.key, request.reward_code),
        pool=None if reward is None else reward.code_pool,
        bans_at=now if reward is not None and reward.costs_community else None,
        counts=limit is not None,
        since=None if limit is None else rules.limit_window(limit, programme, now)[0],
    )


def _first_answer(desk: Desk, request: Request, *, reward: Reward | None) -> dict[str, Any] | None:
    reused = None
    try:
        first = recalled(desk.also["first"], _asked(request))
    except IdempotencyKeyReused as refusal:
        first, reused = None, refusal
    if first is None and reward is None:
        raise NotFound("reward")
    if first is None:
        desk.require_standing()
        require_unbanned(desk)
    if reused is not None:
        raise reused
    return first


async def _check_coupons(
    tx: Tx, desk: Desk, reward: Reward, request: Request, programme: Programme
) -> None:
    """Nobody pays for a coupon that can't be issued: refuses what `check_issue` lists."""
    wanted = Counter(() if reward.gives is None else reward.gives.coupons)
    if reward.coupon is not None:
        wanted[reward.coupon] = request.quantity
    for code, quantity in wanted.items():
        face = programme.coupon(code)
        assert face is not None, code
        prospect = await coupons.look(tx, desk, face, programme)
        check_issue(prospect, programme, now=desk.now, quantity=quantity)


async def _offer(tx: Tx, desk: Desk, reward: Reward, *, published: Published) -> Offer:
    found, round_ = desk.also, None
    if reward.lottery is not None:
        round_ = await lottery.open_round(tx, reward.lottery, published, desk.now)
    lowest = published.programme.tiers.ladder[0].code
    standing = found["standing"] or {"tier_code": lowest, "earned_tier": lowest}
    return Offer(
        reward,
        **standing,
        available_points=desk.points.wallet.available,
        expiring_points=desk.points.expiring_by(desk.now + rules.EXPIRING),
        available_community=desk.community.wallet.available,
        earned_community=desk.community.wallet.lifetime_earned,
        sold=found["sold"] or 0,
        used=found["used"],
        codes_free=found["codes_free"] if reward.kind == "VIRTUAL" else None,
        is_open=round_ is not None,
        round=round_,
    )


async def _take(
    tx: Tx, desk: Desk, offer: Offer, *, published: Published, request: Request
) -> Redeemed:
    """Everything is written by one statement; the stock, which many want, is locked last."""
    reward, redemption_id = offer.reward, new_id()
    price = rules.price_of(offer, request.quantity, from_expiring=request.from_expiring)
    decision = _decide(desk, offer, request, redemption_id, price, version=published.version)
    cause = Cause(decision, "redemption", "redemption", str(redemption_id), desk.now)
    debited_by = _pay(
        *(desk, price, cause),
        in_community=reward.costs_community,
        soon=request.from_expiring,
        programme=published.programme,
    )
    state = _FIRST_STATE[reward.kind]
    redemption = Redemption(
        member_id=desk.member.member_id,
        id=redemption_id,
        reward_code=reward.code,
        quantity=request.quantity,
        price_points=0 if reward.costs_community else price,
        price_community=price if reward.costs_community else 0,
        state=state,
        codes=[],
        debited_by=debited_by,
        decision_id=decision.id,
        programme_version=published.version,
        created_at=desk.now,
        resolved_at=desk.now if state == State.DELIVERED else None,
    )
    redemption.codes = await _codes(tx, desk, redemption, published=published, decision=decision)
    desk.changes.put("redemption", redemption)
    await _follow(tx, desk, offer, redemption, published=published, client_seed=request.client_seed)
    answer = {"redemption": str(redemption_id)}
    desk.changes.put("idempotency", _answered(request, answer, desk.now))
    await post(tx, desk)
    if reward.stock is not None and not await queries.sell(
        tx, reward.code, quantity=request.quantity, stock=reward.stock
    ):
        raise _SoldOut
    return Redeemed(redemption, reward)


def _pay(
    desk: Desk, price: int, cause: Cause, *, in_community: bool, soon: bool, programme: Programme
) -> int:
    """The number of the debit. Where points end by inactivity, paying with them is activity."""
    if in_community:
        return desk.community.charge(price, cause)
    expiring_by = desk.now + rules.EXPIRING if soon else None
    debited_by = desk.points.spend(price, cause, expiring_by=expiring_by)
    active_until = inactive_at(desk.now, programme)
    if active_until is not None:
        desk.points.extend(active_until)
    return debited_by


def _decide(
    desk: Desk, offer: Offer, request: Request, redemption_id: UUID, price: int, *, version: int
) -> Decision:
    reward = offer.reward
    currency = "community" if reward.costs_community else "points"
    inputs: dict[str, object] = {
        "reward": reward.code,
        "title": reward.title.model_dump(mode="json", by_alias=True),
        "quantity": request.quantity,
        "tier": offer.tier_code,
        f"price_{currency}": price // request.quantity,
    }
    if request.from_expiring:
        inputs["from_expiring"] = True
    return desk.decide(
        f"{OPERATION} {request.key}",
        "redemption",
        version,
        inputs=inputs,
        outcome={currency: price, "redemption": str(redemption_id)},
        occurred_at=desk.now,
    )


async def _follow(
    tx: Tx,
    desk: Desk,
    offer: Offer,
    redemption: Redemption,
    *,
    published: Published,
    client_seed: str,
) -> None:
    """What a ticket wins; a step up is taken by a job, which knows all that the member did."""
    if offer.round is not None:
        count, opened = redemption.quantity, offer.round
        drawn = await lottery.draw(
            tx, desk.member.member_id, opened, count=count, client_seed=client_seed
        )
        for nonce, outcome in drawn:
            ticket = Ticket(redemption.id, opened, nonce, client_seed)
            await put_draw(tx, desk, ticket, outcome, published=published)
    elif offer.reward.kind == "TIER_UPGRADE":
        desk.changes.put("job", raise_job(redemption, desk.now))


_FIRST_STATE = {
    "COUPON": State.ISSUED,
    "PHYSICAL": State.REQUESTED,
    "VIRTUAL": State.DELIVERED,
    "SERVICE": State.REQUESTED,
    "DONATION": State.DELIVERED,
    "LOTTERY_TICKET": State.DELIVERED,
    "TIER_UPGRADE": State.REQUESTED,
    "BUNDLE": State.DELIVERED,
}


async def _codes(
    tx: Tx, desk: Desk, redemption: Redemption, *, published: Published, decision: Decision
) -> list[str]:
    reward = published.programme.reward(redemption.reward_code)
    assert reward is not None
    if reward.kind == "VIRTUAL":
        assert reward.code_pool is not None
        codes = await queries.claim_codes(
            tx,
            reward.code_pool,
            quantity=redemption.quantity,
            member_id=redemption.member_id,
            redemption_id=redemption.id,
        )
        if len(codes) < redemption.quantity:
            raise _SoldOut
        return codes
    if reward.kind == "COUPON":
        assert reward.coupon is not None
        face = published.programme.coupon(reward.coupon)
        assert face is not None
        source = Source("redemption", str(redemption.id))
        number = range(redemption.quantity)
        issued = [coupons.issue(desk, decision, face, source=source) for _ in number]
        return [coupon.code for coupon in issued]
    if reward.kind == "BUNDLE":
        return await _unpack(tx, desk, redemption, reward, published=published)
    return []


async def _unpack(
    tx: Tx, desk: Desk, redemption: Redemption, reward: Reward, *, published: Published
) -> list[str]:
    """Give what is in a bundle, by a decision of its own; the codes of its coupons."""
    assert reward.gives is not None
    decision = desk.decide(
        f"{BUNDLE} {redemption.id}",
        "bundle",
        published.version,
        inputs={
            "title": reward.title.model_dump(mode="json", by_alias=True),
            "redemption": str(redemption.id),
        },
        outcome=reward.gives.outcome(),
        occurred_at=desk.now,
    )
    issued = await give(
        tx,
        desk,
        decision,
        reward.gives,
        programme=published.programme,
        source_type=BUNDLE,
        source_id=str(redemption.id),
    )
    return [coupon.code for coupon in issued.coupons]


def _asked(request: Request) -> str:
    asked: dict[str, object] = {"reward_code": request.reward_code, "quantity": request.quantity}
    if request.from_expiring:
        asked["from_expiring"] = True
    if request.client_seed:
        asked["client_seed"] = request.client_seed
    return input_hash(asked)


def _answered(request: Request, answer: dict[str, Any], now: datetime) -> dict[str, object]:
    return {
        "member_id": request.member_id,
        "operation": OPERATION,
        "key": request.key,
        "input_hash": _asked(request),
        "result": answer,
        "created_at": now,
    }
