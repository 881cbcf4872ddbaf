"""How does a member get a coupon that they ask for: by its template, or by a code?

Every code that doesn't work gets one and the same answer after the same work, so that nobody learns
from it whether there is, or was, such a code.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Tx, transactional
from db.idempotency import input_hash, recall
from db.queries import coupons as queries
from domain.coupons import rules, steps
from domain.coupons.errors import CodeInvalid
from domain.coupons.model import Owned, Source, Voucher
from domain.ledger.steps import Desk, open_desk, post
from domain.programme.model import Channel, CouponTemplate
from domain.programme.views import Published, Versions, versions
from kit.errors import IdempotencyKeyReused, NotFound
from kit.keys import check_key

CLAIM = "claimCoupon"
REDEEM = "redeemCouponCode"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a member asks for; `key` is the client's, the same for each try."""

    operation: str
    key: str
    hash: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What they are to get, by which version's words, and which voucher it uses up."""

    face: CouponTemplate
    published: Published
    channel: Channel
    voucher: Voucher | None = None


@transactional
async def claim(
    tx: Tx, member_id: UUID, template: str, *, idempotency_key: str, now: datetime
) -> Owned:
    """Give the member a coupon that may be claimed; once for each key.

    Refuses, in this order: INVALID_INPUT, NOT_FOUND (member; no such template, or not to be
    claimed), MEMBER_SUSPENDED, IDEMPOTENCY_KEY_REUSED, then what `rules.check_issue` lists. A
    repeated request gets the first coupon, as it stands now.
    """
    check_key(idempotency_key)
    asked = _Asked(CLAIM, idempotency_key, input_hash({"template": template}))
    published = (await versions(tx)).at(now)
    face = published.programme.coupon(template)
    desk = await open_desk(tx, member_id, now)
    first, reused = await _first(tx, desk, asked)
    if first is not None:
        return first
    if face is None or not face.may_come_by("claim"):
        raise NotFound("coupon template")
    desk.require_standing()
    if reused is not None:
        raise reused
    return await _take(tx, desk, _Wanted(face, published, "claim"), asked)


@transactional
async def redeem_code(
    tx: Tx, member_id: UUID, typed: str, *, idempotency_key: str, secret: bytes, now: datetime
) -> Owned:
    """Give the member the coupon of a public code, or of a voucher that nobody has used.

    Refuses, in this order: INVALID_INPUT (the key), NOT_FOUND (member), MEMBER_SUSPENDED,
    IDEMPOTENCY_KEY_REUSED, COUPON_CODE_INVALID, then what `rules.check_issue` lists. The member who
    has used the voucher gets its coupon again.
    """
    check_key(idempotency_key)
    code = rules.meant(typed[: rules.TYPED_LENGTH_MAX])
    digest = rules.digest_of(code, secret)
    asked = _Asked(REDEEM, idempotency_key, input_hash({"digest": digest}))
    published = await versions(tx)
    desk = await open_desk(tx, member_id, now)
    first, reused = await _first(tx, desk, asked)
    row = await queries.voucher(tx, digest, member_id=member_id, now=now)
    voucher = None if row is None else Voucher(**row)
    if first is not None:
        return first
    desk.require_standing()
    if reused is not None:
        raise reused
    if voucher is not None and voucher.coupon_id is not None:
        (owned,) = await steps.held(tx, member_id, [voucher.coupon_id])
        return owned
    wanted = _wanted(code, voucher, published, now=now)
    if wanted is None:
        raise CodeInvalid
    return await _take(tx, desk, wanted, asked)


async def _first(
    tx: Tx, desk: Desk, asked: _Asked
) -> tuple[Owned | None, IdempotencyKeyReused | None]:
    """What the key was answered with, or that it was another request's."""
    member_id = desk.member.member_id
    try:
        first = await recall(tx, member_id, asked.operation, asked.key, asked.hash)
    except IdempotencyKeyReused as reused:
        return None, reused
    if first is None:
        return None, None
    (owned,) = await steps.held(tx, member_id, [UUID(first["coupon"])])
    return owned, None


def _wanted(
    code: str, voucher: Voucher | None, published: Versions, *, now: datetime
) -> _Wanted | None:
    """What the code stands for now."""
    current = published.at(now)
    public = next(
        (face for face in current.programme.coupons if rules.is_public_code(face, code)), None
    )
    if public is not None:
        return _Wanted(public, current, "public_code")
    if voucher is None:
        return None
    made = published.numbered(voucher.programme_version)
    face = made.programme.coupon(voucher.template)
    assert face is not None, "a version doesn't change"
    return _Wanted(face, made, "voucher", voucher)


async def _take(tx: Tx, desk: Desk, wanted: _Wanted, asked: _Asked) -> Owned:
    face, published, voucher = wanted.face, wanted.published, wanted.voucher
    prospect = await steps.look(tx, desk, face, published.programme)
    rules.check_issue(prospect, published.programme, now=desk.now, takes_stock=voucher is None)
    decision = desk.decide(
        f"{asked.operation} {asked.key}" if voucher is None else f"voucher {voucher.digest}",
        "coupon",
        published.version,
        inputs={
            "template": face.code,
            "name": face.name.model_dump(mode="json", by_alias=True),
            "channel": wanted.channel,
        },
        outcome={"coupons": [face.code]},
        occurred_at=desk.now,
    )
    source = Source(wanted.channel, asked.key if voucher is None else str(voucher.batch_id))
    is_counted = None if voucher is None else voucher.is_counted
    coupon = steps.issue(desk, decision, face, source=source, is_counted=is_counted)
    if voucher is not None and not await queries.use_voucher(
        tx, voucher.digest, member_id=coupon.member_id, coupon_id=coupon.id, now=desk.now
    ):
        raise CodeInvalid
    desk.changes.put("idempotency", _answered(desk, asked, {"coupon": str(coupon.id)}))
    await post(tx, desk)
    return Owned(coupon, face)


def _answered(desk: Desk, asked: _Asked, result: dict[str, Any]) -> dict[str, object]:
    return {
        "member_id": desk.member.member_id,
        "operation": asked.operation,
        "key": asked.key,
        "input_hash": asked.hash,
        "result": result,
        "created_at": desk.now,
    }
