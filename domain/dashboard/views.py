"""What does a member's dashboard show? Read by one statement, what is due shown as posted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from db import rows
from db.connection import reader
from db.queries import dashboard as queries
from domain.checkins.rules import status
from domain.checkins.steps import state_of
from domain.dashboard.model import (
    CheckInState,
    Credit,
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
from domain.dashboard.wallets import WalletReading, before_seq, page_of
from domain.ledger.model import Currency, Policy, Wallet
from domain.ledger.rules import Book
from domain.ledger.steps import books_of, policies_of
from domain.members.model import Member
from domain.members.rules import zone_at
from domain.programme.model import Programme
from domain.programme.views import Versions, versions
from domain.tiers.model import CountedDeed, WindowFacts
from domain.tiers.rules import effective_tier, progress, score
from kit import calendar
from kit.errors import InvalidInput
from kit.paging import Page, decode_cursor, foreign_cursor, page_size

EXPIRING = timedelta(days=30)
_LAST_ID = UUID(int=2**128 - 1)
_WALLET_PARTS = frozenset({"points", "growth", "history", "as_of"})
_NO_POLICIES: Mapping[str, Policy] = {}
_HISTORIES: Mapping[str, Currency] = {
    "history": Currency.POINTS,
    "credit_history": Currency.CREDIT,
    "community_history": Currency.COMMUNITY,
    "growth_history": Currency.GROWTH,
}
_CREDIT_PARTS = frozenset({"credit", "credit_history", "credit_as_of"})


@dataclass(slots=True)
class _Asking:
    """One question and what reading its answer takes."""

    member_id: UUID
    now: datetime
    locale: str | None
    versions: Versions
    programme: Programme
    names: dict[Part, str]
    for_staff: bool


async def member_view(
    member_id: UUID,
    parts: Iterable[Part],
    *,
    now: datetime,
    locale: str | None,
    for_staff: bool = False,
) -> MemberView | None:
    """The member with the parts asked for, read by one SQL statement; None where there is none.

    Without `locale` explanations are in the member's own language; `for_staff` they name who of
    the staff had a part. Refuses INVALID_INPUT for a page size, cursor, month or instant that can't
    be.
    """
    known = await versions()
    wanted = sorted(set(parts), key=repr)
    names = {part: f"{part.name}_{number}" for number, part in enumerate(wanted)}
    asking = _Asking(member_id, now, locale, known, known.at(now).programme, names, for_staff)
    question = _question(asking, wanted)
    async with reader() as tx:
        found = await question.answer(tx)
        done = await deeds_done(tx, found, asking.programme) if found else []
    return None if found is None else _Reading(asking, found, done).view(wanted)


def check(parts: Iterable[Part], *, now: datetime) -> None:
    """Refuses INVALID_INPUT as `member_view` would, for who is about to change something first."""
    question = queries.Question(UUID(int=0), now)
    for part in parts:
        if part.name in {"as_of", "credit_as_of"}:
            _check_instant(part.args[0], now)
        _ask_list(part.name, question, part)


def _question(asking: _Asking, parts: list[Part]) -> queries.Question:
    question = queries.Question(asking.member_id, asking.now)
    question.ask("member")
    question.ask("standing")
    question.ask("counted", any(part.name == "retention" for part in parts))
    for of, names in (("", _WALLET_PARTS), (queries.CREDIT, _CREDIT_PARTS)):
        asked = [part for part in parts if part.name in names]
        if asked:
            question.ask_wallets(of=of, explained=any(_is_explained(part) for part in asked))
    for part in parts:
        _ask(asking, question, part)
    return question


def _is_explained(part: Part) -> bool:
    return part.name in _HISTORIES and bool(part.args[-1])


def _ask(asking: _Asking, question: queries.Question, part: Part) -> None:
    match part:
        case Part("progress"):
            _ask_window(asking, question)
        case Part("points"):
            question.ask("expiring", asking.now + EXPIRING)
        case Part("credit"):
            question.ask("credit_expiring", asking.now + EXPIRING)
        case Part("as_of" | "credit_as_of" as piece, (datetime() as at,)):
            _check_instant(at, asking.now)
            question.ask(piece, at, name=asking.names[part])
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
        case Part(piece, (int() as first, after, bool() as explained)) if piece in _HISTORIES:
            question.ask_history(
                name,
                of=piece.removesuffix("history"),
                first=page_size(first),
                before_seq=before_seq(after),
                explained=explained,
            )
        case Part("redemptions", (int() as first, after)):
            question.ask_redemptions(name, first=page_size(first), before=_before_id(after))
        case _:
            return


def _check_instant(at: object, now: datetime) -> None:
    if isinstance(at, datetime) and at > now:
        raise InvalidInput(["at"], "lies in the future", "不能是将来的时间")


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
        self.books = self._settled_books() | self._settled_books(queries.CREDIT)

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
            erased_at=member.erased_at,
            birthday=member.birthday,
            tier=programme.tiers.tier(effective_tier(self.standing, programme)),
            parts={part: self._value(part) for part in parts},
        )

    def _found(self, part: Part) -> Any:  # noqa: ANN401  JSON of any shape
        return self.found[self.asking.names[part]]

    def _settled_books(self, of: str = "") -> dict[str, Book]:
        """What is due by now as if it were posted: the same rule that will post it."""
        if of + "wallets" not in self.found:
            return {}
        lots, now = self.found[of + "lots"], self.asking.now
        policies = policies_of(self.asking.versions.at(now)) if lots else _NO_POLICIES
        wallets, holds = self.found[of + "wallets"] or (), self.found[of + "holds"] or ()
        by_member = books_of(wallets, lots or (), holds, policies, now=now)
        books = by_member.get(self.member.member_id, {})
        for book in books.values() if lots else ():
            book.activates = self.member.suspended_at is None
            book.settle()
        return books

    def _wallet(self, currency: Currency, of: str = "") -> WalletReading:
        book = self.books.get(currency)
        if book is None:
            book = Book(Wallet.empty(self.member.member_id, currency), {}, self.asking.now)
        return WalletReading(
            book,
            self.found.get(of + "expiring") or 0,
            self.found.get(of + "due_decisions") or {},
            self.asking.locale or self.member.locale,
            self.asking.programme.currency if currency == Currency.CREDIT else "",
            self.asking.for_staff,
        )

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
        found = self._wallet(Currency.POINTS)
        wallet = found.book.wallet
        policy = self.asking.programme.points
        return Points(
            available=found.available(shows_debt=policy.shortfall == "unlimited"),
            pending=wallet.pending,
            held=wallet.held,
            expiring_within_30_days=found.expiring_by(self.asking.now + EXPIRING),
            lifetime_earned=wallet.lifetime_earned,
        )

    def _credit(self, _part: Part) -> Credit:
        found = self._wallet(Currency.CREDIT, queries.CREDIT)
        wallet, programme = found.book.wallet, self.asking.programme
        shortfall = programme.credit.shortfall or programme.points.shortfall
        return Credit(
            available_minor=found.available(shows_debt=shortfall == "unlimited"),
            pending_minor=wallet.pending,
            held_minor=wallet.held,
            expiring_within_30_days_minor=found.expiring_by(self.asking.now + EXPIRING),
        )

    def _as_of(self, part: Part) -> int:
        return self._then(part, self._wallet(Currency.POINTS))

    def _credit_as_of(self, part: Part) -> int:
        return self._then(part, self._wallet(Currency.CREDIT, queries.CREDIT))

    def _then(self, part: Part, found: WalletReading) -> int:
        (at,) = part.args
        assert isinstance(at, datetime)
        return found.as_of(at, self._found(part))

    def _check_in(self, _part: Part) -> CheckInState:
        found = status(state_of(self.member, self.found, self.asking.programme), self.asking.now)
        return CheckInState(found.checked_in_today, found.streak_days)

    def _history(self, part: Part) -> Page[Entry]:
        first, after, explained = part.args
        assert isinstance(first, int)
        found = self._wallet(_HISTORIES[part.name], part.name.removesuffix("history"))
        return found.history(self._found(part) or (), first, after, explained=bool(explained))

    def _redemptions(self, part: Part) -> Page[RedemptionView]:
        first, after = part.args
        assert isinstance(first, int)
        found = [self._redemption(row) for row in self._found(part) or ()]
        return page_of(found, first, [(str(item.id),) for item in found], after=after)

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
            price_community=row["price_community"],
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
        "credit": _credit,
        "as_of": _as_of,
        "credit_as_of": _credit_as_of,
        "check_in": _check_in,
        "days": _days,
        **dict.fromkeys(_HISTORIES, _history),
        "redemptions": _redemptions,
        "referral": _referral,
    }
