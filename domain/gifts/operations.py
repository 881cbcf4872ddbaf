"""When is a gift given? On joining, on a birthday, and when an upgrade is confirmed."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from db import jobs
from db.connection import Tx, reader, transactional
from db.each import each
from db.jobs import Claim
from db.queries import gifts as queries
from domain.gifts import rules, steps
from domain.gifts.model import GiftRow, Kind, KnownBirthday, Occasion
from domain.ledger.steps import Desk, open_desk, post
from domain.members.rules import day_at, zone_at
from domain.notifications.model import Template
from domain.notifications.steps import notify
from domain.programme.model import Programme, Tier
from domain.programme.views import Published, Versions, versions
from domain.rewards.steps import Issued
from kit.calendar import day_start

FIRST = UUID(int=0)
# Shorter than the shortest time between two birthday gifts by more than a run can be late.
_SURELY_TOO_SOON = timedelta(days=300)


@transactional
async def welcome(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "gifts.welcome" jobs: the pack of the programme that the member joined."""
    published = (await versions(tx)).at(claim.created_at)
    desk = await open_desk(tx, claim.member_id, now)
    pack = published.programme.gifts.welcome
    known = await _given(tx, desk, Kind.WELCOME)
    if pack.has_anything and not known:
        day = _day(desk, claim.created_at, published.programme)
        issued = await steps.give(tx, desk, Occasion(Kind.WELCOME, "once", day), pack, published)
        told = steps.facts(pack.points, issued.coupons, published.programme)
        _tell(desk, Template.WELCOME, "welcome", told, at=claim.created_at)
        await post(tx, desk)
    await jobs.finish(tx, claim, now=now)


@transactional
async def give_tier_gifts(tx: Tx, claim: Claim, *, now: datetime) -> None:
    """The effect of "gifts.tier" jobs: the gifts of the tier reached and of those below it.

    Each once for ever, by the programme that was in force when the upgrade was confirmed.
    """
    published = (await versions(tx)).at(claim.created_at)
    desk = await open_desk(tx, claim.member_id, now)
    known = {gift.code for gift in await _given(tx, desk, Kind.TIER)}
    due = [tier for tier in _reached(published.programme, claim) if tier.code not in known]
    if due:
        day = _day(desk, claim.created_at, published.programme)
        together = Issued()
        for tier in due:
            occasion = Occasion(Kind.TIER, tier.code, day)
            issued = await steps.give(tx, desk, occasion, tier.gifts, published)
            together.coupons += issued.coupons
        points = sum(tier.gifts.points for tier in due)
        told = steps.facts(points, together.coupons, published.programme)
        name = due[-1].name.model_dump(mode="json", by_alias=True)
        cause = f"tier_gifts:{due[-1].code}"
        _tell(desk, Template.TIER_GIFTS, cause, {"tier": name} | told, at=claim.created_at)
        await post(tx, desk)
    await jobs.finish(tx, claim, now=now)


def _reached(programme: Programme, claim: Claim) -> list[Tier]:
    """Tiers with gifts, up to the one that the job names."""
    rank = programme.tiers.rank(claim.payload["tier"])
    return [tier for tier in programme.tiers.ladder[1 : rank + 1] if tier.gifts.has_anything]


async def give_birthdays(
    *, as_of: datetime, after: UUID | None = None, limit: int = 200
) -> UUID | None:
    """Give up to `limit` members what is due for a birthday; where to go on, None at the end.

    One transaction a member, where one who fails holds up nobody; doing it again gives nothing.
    Birthdays of the last 31 days that were passed over because nothing ran are made up for.
    """
    published = await versions()
    if not any(found.programme.gifts.birthday.has_anything for found in published):
        return None
    async with reader() as tx:
        members = await queries.birthdays(
            tx,
            rules.month_days(as_of),
            given_since=(as_of - _SURELY_TOO_SOON).date(),
            after=after or FIRST,
            limit=limit,
        )
    await each(members, partial(_give_birthday, as_of=as_of))
    return members[-1] if len(members) == limit else None


@transactional
async def _give_birthday(tx: Tx, member_id: UUID, *, as_of: datetime) -> None:
    known = await versions(tx)
    desk = await open_desk(tx, member_id, as_of)
    given = await _given(tx, desk, Kind.BIRTHDAY)
    found = _birthday(desk, given, known)
    if found is None:
        return
    fell_on, published = found
    gift = published.programme.gifts.birthday
    occasion = Occasion(Kind.BIRTHDAY, str(fell_on.year), fell_on)
    issued = await steps.give(tx, desk, occasion, gift, published)
    told = steps.facts(gift.points, issued.coupons, published.programme)
    _tell(desk, Template.BIRTHDAY, f"birthday:{fell_on.year}", told, at=as_of)
    await post(tx, desk)


def _birthday(desk: Desk, given: list[GiftRow], known: Versions) -> tuple[date, Published] | None:
    """The birthday whose gift is due, and the version in force when it began."""
    member, now = desk.member, desk.now
    programme = known.at(now).programme
    if member.birthday is None or member.birthday_set_at is None:
        return None
    today = _day(desk, now, programme)
    fell_on = rules.last_birthday(member.birthday, today)
    began_at = day_start(fell_on, zone_at(member, now), programme.day_start_hour)
    published = known.at(min(began_at, now))
    gift = published.programme.gifts.birthday
    facts = KnownBirthday(
        birthday=member.birthday,
        stated_on=_day(desk, member.birthday_set_at, programme),
        gift_day=max((row.day for row in given), default=None),
    )
    due = rules.gift_due(facts, today, notice_days=gift.notice_days)
    return None if due is None or not gift.has_anything else (due, published)


def _day(desk: Desk, at: datetime, programme: Programme) -> date:
    return day_at(desk.member, at, day_start_hour=programme.day_start_hour)


async def _given(tx: Tx, desk: Desk, kind: Kind) -> list[GiftRow]:
    rows = await queries.given(tx, desk.member.member_id, kind)
    return [GiftRow(**row) for row in rows]


def _tell(
    desk: Desk, template: Template, cause: str, told: dict[str, Any], *, at: datetime
) -> None:
    notify(desk.changes, desk.member.member_id, template, cause, told, occurred_at=at, now=desk.now)
