"""How do staff have coupons issued to many members? As a batch, which workers go through."""

from datetime import datetime

from pydantic import ValidationError

from db.connection import Tx, transactional
from db.queries import coupons as queries
from domain.batches import steps as batches
from domain.batches.model import Batch, Row
from domain.coupons import rules
from domain.coupons.model import BULK, BulkAsked
from domain.programme.model import Audience, Programme
from domain.programme.views import versions
from domain.staff import steps as staff
from domain.staff.model import Act, Deed, Unit
from kit.errors import InvalidInput, NotFound, Refusal
from kit.hashing import input_hash
from kit.keys import check_key


async def issue_in_bulk(asked: BulkAsked, *, actor: str, now: datetime) -> Batch:
    """Begin to give a coupon each to everybody in the audience, or to customers that are listed.

    As far as the template's own terms admit them; nobody gets two of one batch. Refuses
    INVALID_INPUT, NOT_FOUND (no such template, or staff can't issue it), IDEMPOTENCY_KEY_REUSED,
    then APPROVAL_REQUIRED where these are more coupons than the actor may issue alone, every member
    counted whom the batch will look at: once a second of the staff has approved, the same request
    begins it; PROPOSAL_CLOSED if they haven't. A repeated request gets its batch.
    """
    answer = await _issue(asked, actor=actor, now=now)
    if isinstance(answer, Refusal):
        raise answer
    return answer


@transactional
async def _issue(tx: Tx, asked: BulkAsked, *, actor: str, now: datetime) -> Batch | Refusal:
    check_key(asked.key)
    published = (await versions(tx)).at(now)
    audience = _audience(asked, published.programme)
    face = published.programme.coupon(asked.template)
    if face is None or not face.may_come_by("staff"):
        raise NotFound("coupon template")
    listed = None if asked.external_ids is None else sorted(set(asked.external_ids))
    parameters = {
        "template": face.code,
        "audience": audience.model_dump(mode="json"),
        "listed": listed is not None,
        "list_hash": None if listed is None else input_hash(listed),
    }
    checksum = input_hash([actor, asked.key])
    members = await queries.count_members(tx) if listed is None else len(listed)
    deed = Deed(actor, Act.ISSUE_COUPONS, Unit.COUPONS, members, asked.key, parameters)
    is_new = await batches.of_input(tx, BULK, checksum) is None
    cleared = await staff.admit(tx, deed, published, now=now) if is_new else None
    if isinstance(cleared, Refusal):
        return cleared
    opened = await batches.begin(
        tx,
        BULK,
        checksum=checksum,
        parameters=parameters,
        total=members if listed is None else None,
        created_by=actor,
        now=now,
    )
    if cleared is not None:
        await staff.note_deed(tx, deed, cleared, opened.batch.id, published.version, now=now)
    if listed is None or not opened.is_new:
        return opened.batch
    rows = [Row(number, {"external_id": one}) for number, one in enumerate(listed, start=1)]
    await batches.add_rows(tx, opened.batch.id, rows)
    return await batches.ready(tx, opened.batch.id, now=now)


def _audience(asked: BulkAsked, programme: Programme) -> Audience:
    """Refuses INVALID_INPUT."""
    if asked.external_ids is not None and not 1 <= len(asked.external_ids) <= rules.LISTED_MAX:
        raise InvalidInput(
            ["input", "externalIds"],
            f"1 to {rules.LISTED_MAX} customers",
            f"须为 1 至 {rules.LISTED_MAX} 位顾客",
        )
    known = {
        "tiers": (asked.tiers, {tier.code for tier in programme.tiers.ladder}),
        "segments": (asked.segments, {segment.code for segment in programme.segments}),
    }
    for name, (codes, there) in known.items():
        for code in sorted(set(codes) - there):
            raise _not_there(["input", "audience", name], code)
    traits = {"stages": asked.stages, "tags": asked.tags}
    try:
        return Audience.model_validate({"tiers": asked.tiers, "segments": asked.segments, **traits})
    except ValidationError as error:
        name, *_ = error.errors()[0]["loc"]
        raise _not_there(
            ["input", "audience", str(name)], str(error.errors()[0]["input"])
        ) from None


def _not_there(path: list[str], code: str) -> InvalidInput:
    return InvalidInput(path, f"there is no {code[:100]}", f"没有 {code[:100]}")
