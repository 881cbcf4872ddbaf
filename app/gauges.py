"""How late is work, and how many points, how much credit is there? Measured now and then.

For Prometheus.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic

import structlog
from prometheus_client import Gauge

from app.metrics import Metrics
from db.connection import UNAVAILABLE, reader
from db.queries import observing
from kit import clock

STALE_SECONDS = 30
LATENCY_OF = timedelta(minutes=5)
WAIT_SECONDS_MAX = 2
SHARE_OF_TIME_MAX = 0.02
# The account on the programme's side, and whether what left it is what is counted.
_BY_KIND = {
    "issued": ("issuance", -1),
    "spent": ("redemption", 1),
    "expired": ("expiry", 1),
    "adjusted": ("adjustment", -1),
    "won": ("lottery", -1),
}
_JOB_STATES = ("ready", "running", "dead")
_EVENT_STATES = ("dead", "parked", "refused")
_BALANCES = ("pending", "available", "held", "debt")

_Sums = Mapping[tuple[str, str], int]

_log = structlog.get_logger(component="metrics")


class Gauges:
    """Measured when the metrics are read, at most every 30 seconds and 2 % of the time.

    A reader waits 2 seconds at most: with many members the sums over the ledger take longer, and
    come with the next reading.
    """

    def __init__(self, metrics: Metrics) -> None:
        registry = metrics.registry
        self._lag = Gauge(
            "accrue_job_lag_seconds", "How long the oldest due job waits.", registry=registry
        )
        self._latency = Gauge(
            "accrue_job_latency_seconds",
            "From due to done, of the jobs done in the last five minutes.",
            ("kind", "quantile"),
            registry=registry,
        )
        self._jobs = Gauge("accrue_jobs", "Jobs by state.", ("state",), registry=registry)
        self._events = Gauge(
            "accrue_events_set_aside", "Events by state.", ("state",), registry=registry
        )
        self._reviews = Gauge(
            "accrue_referral_reviews_open", "Referrals that wait for staff.", registry=registry
        )
        self._proposals = Gauge(
            "accrue_staff_proposals_open",
            "Adjustments that wait for a second of the staff.",
            registry=registry,
        )
        self._points = Gauge(
            "accrue_points_total",
            "Points issued (net of what was taken back), spent, expired, adjusted and won.",
            ("kind",),
            registry=registry,
        )
        self._liability = Gauge(
            "accrue_points_liability", "Points in wallets.", ("balance",), registry=registry
        )
        self._credit = Gauge(
            "accrue_credit_minor_total",
            "Credit issued (net of what was taken back), spent, expired, adjusted and won.",
            ("kind",),
            registry=registry,
        )
        self._credit_liability = Gauge(
            "accrue_credit_minor_liability",
            "Credit in wallets, in minor units.",
            ("balance",),
            registry=registry,
        )
        self._next_at = 0.0
        self._measuring: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        if self._measuring is None and monotonic() >= self._next_at:
            self._measuring = asyncio.create_task(self._measure())
        if self._measuring is not None:
            await asyncio.wait({self._measuring}, timeout=WAIT_SECONDS_MAX)

    async def close(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()
            await asyncio.wait({self._measuring})

    async def _measure(self) -> None:
        began = monotonic()
        try:
            await self._read()
        except UNAVAILABLE as error:
            _log.warning("metrics.unmeasured", reason=type(error).__name__)
        finally:
            took = monotonic() - began
            self._next_at = monotonic() + max(STALE_SECONDS, took / SHARE_OF_TIME_MAX)
            self._measuring = None

    async def _read(self) -> None:
        now = clock.now()
        async with reader() as tx:
            due = await observing.oldest_due(tx, now)
            latency = await observing.job_latency(tx, now - LATENCY_OF)
            jobs = await observing.jobs_by_state(tx)
            events = await observing.inbox_by_state(tx)
            reviews = await observing.reviews_open(tx)
            proposals = await observing.proposals_open(tx)
            moved = await observing.moved(tx)
            held = await observing.in_wallets(tx)
        self._lag.set(0 if due is None else (now - due).total_seconds())
        self._latency.clear()
        for kind, median, slowest in latency:
            self._latency.labels(kind, "0.5").set(median)
            self._latency.labels(kind, "0.99").set(slowest)
        for state in _JOB_STATES:
            self._jobs.labels(state).set(jobs.get(state, 0))
        for state in _EVENT_STATES:
            self._events.labels(state).set(events.get(state, 0))
        self._reviews.set(reviews)
        self._proposals.set(proposals)
        self._set_value("POINTS", self._points, self._liability, moved=moved, held=held)
        self._set_value("CREDIT", self._credit, self._credit_liability, moved=moved, held=held)

    def _set_value(
        self, currency: str, total: Gauge, liability: Gauge, *, moved: _Sums, held: _Sums
    ) -> None:
        for kind, (account, sign) in _BY_KIND.items():
            total.labels(kind).set(sign * moved.get((currency, account), 0))
        for balance in _BALANCES:
            liability.labels(balance).set(held.get((currency, balance), 0))
