"""How do a year's real purchases come in, until the audit says that the books are right?"""

import asyncio
import sys
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.commands import access, auditing
from app.commands.failing import BadInput
from app.commands.meter import Meter
from app.commands.reach import servers, with_pool
from app.commands.stack import address, free_port, processes, run_stack, running_api
from app.relay import schedule
from db.connection import reader
from db.queries import overview
from dev.console import line_printer
from dev.journey.calendar import Shift
from dev.journey.events import CURRENCY, SOURCE, Plan, basket_id_of, plan
from dev.journey.purchases import DataMissing, Household, Purchases
from dev.journey.sending import ImportFailed, send
from dev.supervisor import Stop
from domain.members import operations as members
from domain.members.model import Scope
from domain.programme.views import versions
from kit import clock
from kit.settings import Settings

POLL_SECONDS = 0.5
STALLED_SECONDS_MAX = 120
SETTLE = "ledger.settle"


def run(data_dir: Path | None, households: int | None, until: date | None) -> None:
    """Import through the API of a running `dev`, or through one that runs for this only."""
    with servers(data_dir, with_valkey=True) as settings:
        url = asyncio.run(running_api(settings.data_dir))

        async def work(found: Settings) -> None:
            if url is not None:
                await bring_in(url, households, until)
            else:
                await _alone(found, households, until)

        asyncio.run(with_pool(settings, work))


def require_data() -> None:
    try:
        Purchases()
    except DataMissing as error:
        raise BadInput(str(error)) from None


async def bring_in(url: str, households: int | None, until: date | None) -> None:
    """Send what isn't there yet, wait until workers are done with it, show what came of it."""
    now = clock.now()
    await _require_currency(now)
    try:
        purchases = Purchases()
        what = await _plan(purchases, households, until, now)
        seconds = await _sent(purchases, what, url) if what.wanted else 0.0
    except (DataMissing, ImportFailed) as error:
        raise BadInput(str(error)) from None
    await schedule().run_now(SETTLE, clock.now())
    await _show(what, seconds)
    if not await auditing.check():
        raise BadInput("the audit has found what is wrong above")


async def _alone(settings: Settings, households: int | None, until: date | None) -> None:
    port = free_port()
    children = processes(port, workers=1)
    on_line = line_printer(sys.stderr, [child.name for child in children])

    async def story(url: str, stop: Stop) -> None:
        try:
            await bring_in(url, households, until)
        finally:
            stop.gently.set()

    await run_stack(settings, children, on_line, url=address(port), story=story, owned={})


async def _require_currency(now: datetime) -> None:
    programme = (await versions()).at(now).programme
    if CURRENCY not in {programme.currency, *programme.rates}:
        raise BadInput(
            f"the purchases are in {CURRENCY}, the published programme is in {programme.currency}:"
            " import them where programmes/grocery.yaml was published first, as `accrue dev"
            " --demo` does in a new --data-dir"
        )


async def _plan(purchases: Purchases, limit: int | None, until: date | None, now: datetime) -> Plan:
    found = await asyncio.to_thread(purchases.households)
    async with reader() as tx:
        sample = await overview.any_event(tx, SOURCE)
        known = frozenset(await overview.event_ids(tx, SOURCE)) if sample else frozenset[str]()
    shift = Shift.ending_yesterday(now) if sample is None else _shift_of(*sample, found)
    return plan(found[:limit], shift, known=known, until=until)


def _shift_of(known_event_id: str, occurred_at: datetime, found: list[Household]) -> Shift:
    """The days by which the first import moved everything."""
    basket_id = basket_id_of(known_event_id)
    original = next(
        household.paid_at[basket_id] for household in found if basket_id in household.paid_at
    )
    return Shift.between(original, occurred_at)


async def _sent(purchases: Purchases, what: Plan, url: str) -> float:
    """Seconds until the last event was processed."""
    scopes = [Scope.EVENTS_WRITE.value, Scope.MEMBERS_WRITE.value]
    api_key = await access.make_key("import journey", scopes)
    with Meter(Console(stderr=True), len(what.wanted)) as meter:
        watching = asyncio.create_task(_watch(meter))
        try:
            await send(what, purchases, url, api_key, on_sent=meter.send)
            await _drain()
        finally:
            watching.cancel()
            await members.revoke_api_key(access.key_id_of(api_key), now=clock.now())
        return meter.seconds


async def _watch(meter: Meter) -> None:
    while True:
        meter.show(await _waiting())
        await _pause()


async def _drain() -> None:
    """Until no event waits; ImportFailed where no worker takes any."""
    before, seconds = await _waiting(), 0.0
    while before:
        await _pause()
        waiting = await _waiting()
        seconds = seconds + POLL_SECONDS if waiting >= before else 0.0
        before = waiting
        if seconds > STALLED_SECONDS_MAX:
            raise ImportFailed(f"{waiting} events wait and no worker takes them")


async def _waiting() -> int:
    async with reader() as tx:
        return await overview.events_waiting(tx)


async def _pause() -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), POLL_SECONDS)


async def _show(what: Plan, seconds: float) -> None:
    async with reader() as tx:
        tiers = await overview.members_by_tier(tx)
        points = await overview.points(tx)
        events = await overview.events(tx, SOURCE)
    programme = (await versions()).at(clock.now()).programme
    table = Table(title=f"{programme.name.in_('en')} after the import", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for tier in programme.tiers.ladder:
        table.add_row(f"members, {tier.name.in_('en')}", f"{tiers.get(tier.code, 0):,}")
    table.add_section()
    for name in ("issued", "pending", "available", "spent", "expired"):
        table.add_row(f"points {name}", f"{points[name]:,}")
    table.add_section()
    table.add_row("purchases taken in", f"{sum(events.values()):,}")
    table.add_row("of these by this import", f"{len(what.wanted):,}")
    for state in ("parked", "refused", "dead"):
        if events.get(state):
            table.add_row(f"of these {state}", f"{events[state]:,}")
    if seconds:
        table.add_row("seconds, from the first sent to the last processed", f"{seconds:,.1f}")
        table.add_row("events per second", f"{len(what.wanted) / seconds:,.0f}")
    Console().print(table)
