"""What does a member's dashboard show? Read by one statement, what is due shown as posted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from db import rows
from db.connection import reader
from db.queries import dashboard as queries
from domain.checkins.rules import status
from domain.checkins.steps import state_of
from domain.dashboard.model import (
    CheckInState,
    Entry,
    MemberView,
    Part,
    Points,
    Progress,
    RedemptionView,
    ReferralView,
    Retention,
)
from domain.dashboard.rules import retention
from domain.dashboard.steps import deeds_done, standing_at
from domain.ledger.model import Account, Currency, Policy, Transfer
from domain.ledger.rules import Book
from domain.ledger.steps import books_of, policy_of
from domain.members.model import Member
from domain.members.rules import zone_at
from domain.points.explain import explain
from domain.points.model import StoredDecision
from domain.programme.model import Programme
from domain.programme.views import Versions, versions
from domain.tiers.model import CountedDeed, WindowFacts
from domain.tiers.rules import effective_tier, progress, score
from kit import calendar
from kit.errors import InvalidInput
from kit.paging import Page, decode_cursor, encode_cursor, foreign_cursor, page_size

T = TypeVar("T")
EXPIRING = timedelta(days=30)
_LAST_SEQ = 2**62
_LAST_ID = UUID(int=2**128 - 1)
_WALLET_PARTS = frozenset({"points", "growth", "history", "as_of"})


@dataclass(slots=True)
class _Asking:
    """One question and what reading its answer takes."""

    member_id: UUID
    now: datetime
    locale: str | None
    versions: Versions
    programme: Programme
    names: dict[Part, str]


async def member_view(
    member_id: UUID, parts: Iterable[Part], *, now: datetime, locale: str | None
) -> MemberView | None:
    """The member with the parts asked for, read by one SQL statement; None where there is none.

    Without `locale` explanations are in the member's own language. Refuses INVALID_INPUT for a
    page size, cursor, month or instant that can't be.
    """
    known = await versions()
    wanted = sorted(set(parts), key=repr)
    names = {part: f"{part.name}_{number}" for number, part in enumerate(wanted)}
    asking = _Asking(member_id, now, locale, known, known.at(now).programme, names)
    question = _question(asking, wanted)
    async with reader() as tx:
        found = await question.answer(tx)
        done = await deeds_done(tx, found, asking.programme) if found else []
    return None if found is None else _Reading(asking, found, done).view(wanted)


def check(parts: Iterable[Part], *, now: datetime) -> None:
    """Refuses INVALID_INPUT as `member_view` would, for who is about to change something first."""
    question = queries.Question(UUID(int=0), now)
    for part in parts:
        if part.name == "as_of":
            _check_instant(part.args[0], now)
        _ask_list(part.name, question, part)


def _question(asking: _Asking, parts: list[Part]) -> queries.Question:
    question = queries.Question(asking.member_id, asking.now)
    question.ask("member")
    question.ask("standing")
    question.ask("counted", any(part.name == "retention" for part in parts))
    if any(part.name in _WALLET_PARTS for part in parts):
        question.ask_wallets(explained=any(_is_explained(part) for part in parts))
    for part in parts:
        _ask(asking, question, part)
    return question


def _is_explained(part: Part) -> bool:
    return part.name == "history" and bool(part.args[-1])


def _ask(asking: _Asking, question: queries.Question, part: Part) -> None:
    match part:
        case Part("progress"):
            _ask_window(asking, question)
        case Part("points"):
            question.ask("expiring", asking.now + EXPIRING)
        case Part("as_of", (datetime() as at,)):
            _check_instant(at, asking.now)
            question.ask("as_of", at, name=asking.names[part])
        case Part("check_in"):
            question.ask("streak")
            question.ask("last")
        case Part("referral"):
            question.ask("referral")
        case _:
            _ask_list(asking.names[part], question, part)


def _ask_window(asking: _Asking, question: queries.Question) -> None:
    programme = asking.programme
    since = calendar.trailing_start(
        asking.now,
        programme.tiers.window_months,
        programme.zone,
        day_start_hour=programme.day_start_hour,
    )
    question.ask_window(
        since=since,
        order_min_minor=programme.tiers.score.order_min_minor,
        orders_per_day=programme.tiers.score.orders_per_day,
    )


def _ask_list(name: str, question: queries.Question, part: Part) -> None:
    match part:
        case Part("days", (str() as month,)):
            question.ask_days(name, *_month(month))
        case Part("history", (int() as first, after, bool() as explained)):
            question.ask_history(
                name, first=page_size(first), before_seq=_before_seq(after), explained=explained
            )
        case Part("redemptions", (int() as first, after)):
            question.ask_redemptions(name, first=page_size(first), before=_before_id(after))
        case _:
            return


def _check_instant(at: object, now: datetime) -> None:
    if isinstance(at, datetime) and at > now:
        raise InvalidInput(["at"], "lies in the future", "不能是将来的时间")


def _before_seq(after: object) -> int:
    if after is None:
        return _LAST_SEQ
    (seq,) = decode_cursor(str(after), int)
    assert isinstance(seq, int)
    if not 0 <= seq <= _LAST_SEQ:
        raise foreign_cursor()
    return seq


def _before_id(after: object) -> UUID:
    if after is None:
        return _LAST_ID
    (text,) = decode_cursor(str(after), str)
    try:
        return UUID(str(text))
    except ValueError:
        raise foreign_cursor() from None


def _month(month: str) -> tuple[date, date]:
    try:
        first, last = calendar.month_days(month)
    except ValueError:
        raise InvalidInput(
            ["month"], "not a month like 2026-11", "不是 2026-11 形式的月份"
        ) from None
    return first, last + calendar.ONE_DAY


class _Reading:
    """The answer on its way to plain data."""

    def __init__(self, asking: _Asking, found: dict[str, Any], done: list[CountedDeed]) -> None:
        self.asking = asking
        self.found = found
        self.member = rows.read(Member, found["member"])
        self.standing, self.counted = standing_at(found, done, asking.programme, asking.now)
        self.books = self._settled_books()

    def view(self, parts: list[Part]) -> MemberView:
        member, programme = self.member, self.asking.programme
        return MemberView(
            member_id=member.member_id,
            external_id=member.external_id,
            nickname=member.nickname,
            email=member.email,
            phone=member.phone,
            joined_at=member.joined_at,
            timezone=zone_at(member, self.asking.now),
            locale=member.locale,
            suspended_at=member.suspended_at,
            birthday=member.birthday,
            tier=programme.tiers.tier(effective_tier(self.standing, programme)),
            parts={part: self._value(part) for part in parts},
        )

    def _found(self, part: Part) -> Any:  # noqa: ANN401  JSON of any shape
        return self.found[self.asking.names[part]]

    def _settled_books(self) -> dict[str, Book]:
        """What is due by now as if it were posted: the same rule that will post it."""
        if "wallets" not in self.found:
            return {}
        lots = self.found["lots"]
        policy = policy_of(self.asking.versions.at(self.asking.now)) if lots else Policy()
        rows = (self.found["wallets"], lots or (), self.found["holds"] or ())
        by_member = books_of(*rows, policy, now=self.asking.now)
        books = by_member[self.member.member_id]
        book = books[Currency.POINTS]
        if lots:
            book.activates = self.member.suspended_at is None
            book.settle()
        return books

    def _value(self, part: Part) -> object:
        return self._readers[part.name](self, part)

    def _progress(self, _part: Part) -> Progress:
        facts = WindowFacts(
            **self.found["window"], interaction_growth=max(0, self.found["interaction"])
        )
        found = progress(self.standing, score(facts, self.asking.programme), self.asking.programme)
        return Progress(
            score=found.parts.score,
            spend_score=found.parts.spend_score,
            frequency_score=found.parts.frequency_score,
            next_tier=found.next_tier,
            score_to_next=found.score_to_next,
            yuan_to_next=found.yuan_to_next,
            orders_to_next=found.orders_to_next,
            keep_score=found.keep_score,
            period_ends_at=found.period_ends_at,
            state=found.state,
        )

    def _retention(self, _part: Part) -> Retention:
        return retention(self.standing, self.counted, self.asking.programme, self.asking.now)

    def _points(self, _part: Part) -> Points:
        book = self.books[Currency.POINTS]
        wallet = book.wallet
        expiring = self.found["expiring"]
        if book.lots:
            expiring = book.expiring_by(self.asking.now + EXPIRING)
        shows_debt = self.asking.programme.points.shortfall == "unlimited"
        return Points(
            available=wallet.available + (wallet.debt if shows_debt else 0),
            pending=wallet.pending,
            held=wallet.held,
            expiring_within_30_days=expiring,
            lifetime_earned=wallet.lifetime_earned,
        )

    def _as_of(self, part: Part) -> int:
        (at,) = part.args
        assert isinstance(at, datetime)
        due = [t for t in self.books[Currency.POINTS].transfers if t.occurred_at <= at]
        return self._found(part) + sum(map(_available_change, due))

    def _check_in(self, _part: Part) -> CheckInState:
        found = status(state_of(self.member, self.found, self.asking.programme), self.asking.now)
        return CheckInState(found.checked_in_today, found.streak_days)

    def _history(self, part: Part) -> Page[Entry]:
        first, after, explained = part.args
        assert isinstance(first, int)
        entries = [self._entry(row) for row in self._found(part) or ()]
        limit = _before_seq(after)
        due = [
            self._due_entry(transfer, explained=bool(explained))
            for transfer in reversed(self.books[Currency.POINTS].transfers)
            if transfer.credit_account == Account.EXPIRY and transfer.seq < limit
        ]
        entries = due + entries
        return _page(entries, first, [(entry.seq,) for entry in entries], after=after)

    def _entry(self, row: dict[str, Any]) -> Entry:
        expires_at = row["expires_at"]
        return Entry(
            member_id=self.member.member_id,
            seq=row["seq"],
            amount=row["amount"],
            kind=row["kind"],
            reason=row["reason"],
            occurred_at=datetime.fromisoformat(row["occurred_at"]),
            expires_at=None if expires_at is None else datetime.fromisoformat(expires_at),
            explanation=self._explanation(row),
        )

    def _due_entry(self, transfer: Transfer, *, explained: bool) -> Entry:
        decisions: dict[str, Any] = self.found.get("due_decisions") or {}
        decision = decisions.get(str(transfer.decision_id))
        return Entry(
            member_id=transfer.member_id,
            seq=transfer.seq,
            amount=-transfer.amount,
            kind=transfer.kind,
            reason=transfer.reason,
            occurred_at=transfer.occurred_at,
            expires_at=None,
            explanation=self._explanation(
                {
                    "kind": transfer.kind,
                    "amount": transfer.amount,
                    "decision": decision if explained else None,
                }
            ),
        )

    def _explanation(self, row: dict[str, Any]) -> str:
        if row["decision"] is None:
            return ""
        decision = StoredDecision(**row["decision"])
        return explain(
            row["kind"],
            abs(row["amount"]),
            decision,
            locale=self.asking.locale or self.member.locale,
        )

    def _redemptions(self, part: Part) -> Page[RedemptionView]:
        first, after = part.args
        assert isinstance(first, int)
        found = [self._redemption(row) for row in self._found(part) or ()]
        return _page(found, first, [(str(item.id),) for item in found], after=after)

    def _redemption(self, row: dict[str, Any]) -> RedemptionView:
        programme = self.asking.versions.numbered(row["programme_version"]).programme
        reward = programme.reward(row["reward_code"])
        assert reward is not None, "a version never loses what it sold"
        return RedemptionView(
            member_id=self.member.member_id,
            id=UUID(row["id"]),
            reward=reward,
            quantity=row["quantity"],
            price_points=row["price_points"],
            state=row["state"],
            codes=tuple(row["codes"]),
            created_at=datetime.fromisoformat(row["created_at"]),
        )

    def _growth(self, _part: Part) -> int:
        return self.books[Currency.GROWTH].wallet.available

    def _days(self, part: Part) -> list[date]:
        return [date.fromisoformat(day) for day in self._found(part) or ()]

    def _referral(self, _part: Part) -> ReferralView:
        return ReferralView(code=self.member.referral_code, **self.found["referral"])

    _readers: ClassVar[dict[str, Callable[["_Reading", Part], object]]] = {
        "progress": _progress,
        "retention": _retention,
        "points": _points,
        "growth": _growth,
        "as_of": _as_of,
        "check_in": _check_in,
        "days": _days,
        "history": _history,
        "redemptions": _redemptions,
        "referral": _referral,
    }


def _available_change(transfer: Transfer) -> int:
    gained = transfer.amount if transfer.credit_account == Account.AVAILABLE else 0
    lost = transfer.amount if transfer.debit_account == Account.AVAILABLE else 0
    return gained - lost


def _page(items: list[T], first: int, keys: list[tuple[object, ...]], *, after: object) -> Page[T]:
    return Page(
        items=items[:first],
        cursors=[encode_cursor(*key) for key in keys[:first]],
        has_next=len(items) > first,
        has_previous=after is not None,
    )
