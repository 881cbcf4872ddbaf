"""Is this fact well formed, and which one is it? Judged before anything is written."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

import orjson
from pydantic import ValidationError

from domain.intake.model import EVENT_TYPES, WORD_MAX, Fact, OrderPaid, Payload, is_seen
from domain.points.errors import CurrencyNotSupported
from domain.points.model import OrderFacts, OrderLine
from domain.points.rules import check_order
from domain.programme.model import Programme
from domain.referrals.model import MarkKind
from domain.referrals.rules import mark_of
from kit.errors import InvalidInput, Refusal
from kit.hashing import input_hash

_SEALED: dict[str, MarkKind] = {"paymentFingerprint": "payment", "deliveryAddress": "address"}
AHEAD_MAX = timedelta(minutes=5)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_TEXTS = {
    "missing": ("is missing", "缺少此项"),
    "too_short": ("is empty", "不能为空"),
    "too_long": ("has too many entries, {max_length} at most", "最多 {max_length} 项"),
    "string_too_short": ("is empty", "不能为空"),
    "string_too_long": ("{max_length} characters at most", "最多 {max_length} 个字符"),
    "string_type": ("is not a text", "须为文本"),
    "string_unicode": ("is not a text", "须为文本"),
    "string_pattern_mismatch": ("three capital letters, such as CNY", "须为三个大写字母，如 CNY"),
    "unseen": ("has control characters", "含有控制字符"),
    "int_type": ("is not a whole number", "须为整数"),
    "bool_type": ("is neither true nor false", "须为 true 或 false"),
    "greater_than_equal": ("at least {ge}", "不能小于 {ge}"),
    "less_than_equal": ("at most {le}", "不能大于 {le}"),
    "datetime_type": ("an ISO 8601 instant with its offset", "须为带时区的 ISO 8601 时间"),
    "timezone_aware": ("needs a time zone", "缺少时区"),
    "tuple_type": ("is not a list", "须为列表"),
    "model_type": ("is not an object", "须为对象"),
}
# A NUL, which PostgreSQL's texts can't hold, as JSON writes it; not a backslash and the rest.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class Keys:
    """What identifies a fact within its source, and a hash of what it says.

    The same key with the same hash is a duplicate, with another one a conflict.
    """

    keys: tuple[str, ...]
    content_hash: str


def judge(fact: Fact, *, now: datetime, programme: Programme) -> Payload:
    """The payload, well formed.

    Refuses, in this order, INVALID_INPUT with the path (envelope, type, time, data), then what
    `points.rules.check_order` refuses of an order.
    """
    _check_envelope(fact)
    _check_time(fact.time, ["time"], now)
    _check_keepable(fact.data)
    try:
        payload = EVENT_TYPES[fact.type].payload.model_validate(fact.data)
    except ValidationError as error:
        raise _invalid(error) from None
    if isinstance(payload, OrderPaid):
        _check_time(payload.paid_at, ["data", "paidAt"], now)
        check_order(order_facts(payload), programme)
        if payload.checkout_id is not None and payload.currency != programme.currency:
            raise CurrencyNotSupported(currency=payload.currency, supported=programme.currency)
    return payload


def sealed(fact: Fact, secret: bytes | None) -> Fact:
    """The fact with keyed hashes of what tells buyers apart instead of itself; without a key none.

    What is neither kept nor hashed can't be told from what was never sent.
    """
    if fact.type != "order.paid" or not _SEALED.keys() & fact.data.keys():
        return fact
    data = dict(fact.data)
    for name, kind in _SEALED.items():
        told = data.pop(name, None)
        mark = mark_of(kind, told, secret) if told and secret else None
        if mark is not None:
            data[name] = mark.digest
    return replace(fact, data=data)


def order_facts(payload: OrderPaid) -> OrderFacts:
    """An order as the points see it."""
    return OrderFacts(
        order_id=payload.order_id,
        paid_at=payload.paid_at,
        currency=payload.currency,
        lines=tuple(OrderLine(**line.model_dump()) for line in payload.lines),
        shipping_minor=payload.shipping_minor,
        points_paid_minor=payload.points_paid_minor,
        channel=payload.channel,
    )


def no_such_checkout() -> InvalidInput:
    """As one of another customer, so that nobody learns which there are."""
    return InvalidInput(
        ["data", "checkoutId"], "not a checkout of this customer", "不是该顾客的结算单"
    )


def keys_of(fact: Fact, payload: Payload) -> Keys:
    """The event's own id, then the happening's natural key."""
    kind = EVENT_TYPES[fact.type]
    own = [fact.subject] if kind.by_subject else []
    natural = "\x1f".join([*own, *(str(getattr(payload, name)) for name in kind.naturally)])
    return Keys(
        keys=(f"id:{fact.id}", f"{fact.type}:{natural}"),
        content_hash=input_hash([fact.type, fact.subject, _without_seals(fact)]),
    )


def _without_seals(fact: Fact) -> object:
    """So that an event sent again is the same under another key, too."""
    if fact.type != "order.paid":
        return fact.data
    return {name: value for name, value in fact.data.items() if name not in _SEALED}


def _check_envelope(fact: Fact) -> None:
    for name in ("id", "source", "subject", "type"):
        text = getattr(fact, name)
        if not 1 <= len(text) <= WORD_MAX:
            raise InvalidInput(
                [name], f"1 to {WORD_MAX} characters", f"需为 1 至 {WORD_MAX} 个字符"
            )
        if not is_seen(text):
            raise InvalidInput([name], *_TEXTS["unseen"])
    if fact.type not in EVENT_TYPES:
        near = get_close_matches(fact.type, EVENT_TYPES, n=len(EVENT_TYPES), cutoff=0.0)
        known = ", ".join(near)
        raise InvalidInput(
            ["type"], f"not a known type; known: {known}", f"未知类型；可用：{known}"
        )


def _check_time(at: datetime, path: list[str], now: datetime) -> None:
    if at.tzinfo is None:
        raise InvalidInput(path, "needs a time zone", "缺少时区")
    if at > now + AHEAD_MAX:
        raise InvalidInput(path, "lies more than 5 minutes ahead", "晚于当前时间超过 5 分钟")
    if at < EARLIEST:
        raise InvalidInput(path, "lies before 1970", "早于 1970 年")


def _check_keepable(data: object) -> None:
    try:
        text = orjson.dumps(data)
    except TypeError:
        text = None
    if text is None or _NUL.search(text):
        raise InvalidInput(
            ["data"],
            "holds a number beyond 64 bits or a text that can't be kept",
            "含有超出 64 位的数字或无法保存的文本",
        )


def _invalid(error: ValidationError) -> Refusal:
    first = error.errors(include_url=False, include_input=False)[0]
    path = ["data", *map(str, first["loc"])]
    english, chinese = _TEXTS.get(first["type"], (first["msg"], first["msg"]))
    facts = first.get("ctx", {})
    return InvalidInput(path, english.format(**facts), chinese.format(**facts))
