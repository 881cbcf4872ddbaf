"""How are vouchers made, codes that are nobody's yet, and taken out of circulation?"""

import secrets
from datetime import datetime
from uuid import UUID

from db.changes import Changes
from db.connection import Tx, transactional
from db.queries import coupons as queries
from domain.coupons import rules
from domain.coupons.errors import OutOfStock
from domain.coupons.model import STOCK, Made, VoucherBatch, VouchersAsked
from domain.programme.views import versions
from domain.staff import steps as staff
from domain.staff.model import Act, Deed, Unit
from domain.webhooks.steps import write
from kit.errors import IdempotencyKeyReused, NotFound, Refusal
from kit.hashing import input_hash
from kit.ids import new_id
from kit.keys import check_key


async def make_vouchers(asked: VouchersAsked, *, actor: str, secret: bytes, now: datetime) -> Made:
    """Make so many codes at once; they are shown this once, and kept as keyed hashes only.

    They are taken from the template's stock. Refuses INVALID_INPUT, IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND (no such template, or its channels have no vouchers), OUT_OF_STOCK, then
    APPROVAL_REQUIRED where these are more than the actor may make alone: once a second of the staff
    has approved, the same request makes them; PROPOSAL_CLOSED if they haven't. A repeated request
    gets the batch without its codes.
    """
    answer = await _make(asked, actor=actor, secret=secret, now=now)
    if isinstance(answer, Refusal):
        raise answer
    return answer


@transactional
async def _make(
    tx: Tx, asked: VouchersAsked, *, actor: str, secret: bytes, now: datetime
) -> Made | Refusal:
    check_key(asked.key)
    rules.check_vouchers(asked.quantity, asked.expires_at, now)
    hashed = input_hash([asked.template, asked.quantity, asked.expires_at])
    row = await queries.voucher_batch_of_key(tx, actor, asked.key)
    if row is not None:
        if row["input_hash"] != hashed:
            raise IdempotencyKeyReused
        return Made(VoucherBatch(**row))
    published = (await versions(tx)).at(now)
    face = published.programme.coupon(asked.template)
    if face is None or not face.may_come_by("voucher"):
        raise NotFound("coupon template")
    if face.stock is not None and asked.quantity + await queries.issued(tx, face.code) > face.stock:
        raise OutOfStock
    deed = _deed(asked, actor)
    cleared = await staff.admit(tx, deed, published, now=now)
    if isinstance(cleared, Refusal):
        return cleared
    batch = VoucherBatch(
        id=new_id(),
        template=face.code,
        programme_version=published.version,
        quantity=asked.quantity,
        is_counted=face.stock is not None,
        expires_at=asked.expires_at,
        key=asked.key,
        input_hash=hashed,
        made_by=actor,
        made_at=now,
    )
    codes = [rules.code_of(secrets.token_bytes(rules.RANDOM_BYTES)) for _ in range(asked.quantity)]
    await queries.put_voucher_batch(tx, batch)
    await queries.add_vouchers(tx, batch.id, [rules.digest_of(code, secret) for code in codes])
    if face.stock is not None:
        await _count(tx, face.code, asked.quantity, bound=face.stock, now=now)
    await staff.note_deed(tx, deed, cleared, batch.id, published.version, now=now)
    return Made(batch, tuple(codes))


def _deed(asked: VouchersAsked, actor: str) -> Deed:
    ends = asked.expires_at and asked.expires_at.isoformat()
    terms = {"template": asked.template, "quantity": asked.quantity, "expires_at": ends}
    return Deed(actor, Act.MAKE_VOUCHERS, Unit.VOUCHERS, asked.quantity, asked.key, terms)


@transactional
async def revoke_vouchers(tx: Tx, batch_id: UUID, *, now: datetime) -> int:
    """Take the codes of a batch that nobody has used out of circulation; how many there were.

    Their stock comes back. Refuses NOT_FOUND; again it finds none.
    """
    row = await queries.voucher_batch(tx, batch_id)
    if row is None:
        raise NotFound("voucher batch")
    batch = VoucherBatch(**row)
    revoked = await queries.revoke_vouchers(tx, batch_id, now=now)
    if revoked and batch.is_counted:
        await _count(tx, batch.template, -revoked, bound=None, now=now)
    return revoked


async def _count(tx: Tx, template: str, amount: int, *, bound: int | None, now: datetime) -> None:
    changes = Changes()
    changes.count(STOCK, template, amount, bound=bound)
    await write(tx, changes, now=now)
