"""Who holds WebSockets here, and what becomes of one that doesn't take what is sent?

A stream reads nothing new while its last value isn't sent, so a slow client costs one value and
what the buffers hold. One that takes nothing for some seconds is dropped: it is told so by a close
code where it still reads, and comes back to a first value that has everything.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from prometheus_client import Counter as Total
from prometheus_client import Gauge, Metric
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app.metrics import Metrics

CONNECTIONS_MAX = 10_000
CONNECTIONS_OF_ONE_MAX = 20
SLOW_SECONDS_MAX = 10.0
CLOSE_SECONDS = 5.0
TRY_AGAIN_LATER = 1013

# By the text of the close, else by its code: what a client may do about it is not the same.
_REASONS = {
    "Token expired": "token_expired",
    "Too many operations": "too_many_operations",
    "Too many connections": "too_many_connections",
    "No room": "no_room",
}
_REASONS_OF_CODES = {
    4400: "malformed",
    4401: "not_initialised",
    4403: "bad_token",
    4406: "protocol",
    4408: "late",
    4409: "repeated_id",
    4429: "repeated_init",
}
OTHER_ORIGIN = "origin"
_OTHER = "other"
# The server makes its sockets by itself, so they are counted here, for the process.
_dropped: Counter[str] = Counter({"slow": 0, "no_answer": 0})

_log = structlog.get_logger(component="live")


class Dropped(Collector):
    """The sockets that this process gave up."""

    def collect(self) -> Iterator[Metric]:
        found = CounterMetricFamily(
            "accrue_live_dropped",
            "WebSockets given up: slow takes nothing, no_answer answers no ping.",
            labels=["reason"],
        )
        for reason, count in _dropped.items():
            found.add_metric([reason], count)
        yield found


class Connections:
    """The WebSockets of one process, counted by who holds them."""

    def __init__(self, metrics: Metrics) -> None:
        self._held: Counter[str] = Counter()
        self._streams = 0
        gauge = Gauge(
            "accrue_live_connections", "WebSockets that are open.", registry=metrics.registry
        )
        gauge.set_function(self.total)
        streams = Gauge(
            "accrue_live_subscriptions",
            "Subscriptions that run on open WebSockets.",
            registry=metrics.registry,
        )
        streams.set_function(lambda: self._streams)
        self._refused = Total(
            "accrue_live_refused",
            "WebSockets that were refused or closed by us, by reason.",
            ("reason",),
            registry=metrics.registry,
        )
        metrics.collect(Dropped())

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """While a subscription runs."""
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    def closed(self, code: int, reason: str) -> None:
        """We close one, and say why."""
        self.refused(_REASONS.get(reason) or _REASONS_OF_CODES.get(code, _OTHER))

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()

    def total(self) -> int:
        return self._held.total()

    def is_full(self) -> bool:
        return self.total() >= CONNECTIONS_MAX

    def has_room_for(self, caller: str) -> bool:
        """Nobody in particular is counted by where they come from."""
        return self._held[caller] < CONNECTIONS_OF_ONE_MAX

    def enter(self, caller: str) -> None:
        self._held[caller] += 1

    def leave(self, caller: str) -> None:
        self._held[caller] -= 1
        if not self._held[caller]:
            del self._held[caller]


class Socket(WebSocketsSansIOProtocol):
    """Uvicorn's, which would wait for a client that takes nothing as long as that lives."""

    _slow: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._slow = self.loop.call_later(SLOW_SECONDS_MAX, self._drop)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def keepalive_timeout(self) -> None:
        _dropped["no_answer"] += 1
        super().keepalive_timeout()
        self._abort_soon()

    def _drop(self) -> None:
        """Behind all that waits stands the close code; what nobody fetches goes with the rest."""
        self._slow = None
        _dropped["slow"] += 1
        _log.info("live.dropped", reason="slow")
        if not self.close_sent and self.handshake_complete:
            self.stop_keepalive()
            self.close_sent = True
            gone: Any = {"type": "websocket.disconnect", "code": TRY_AGAIN_LATER}
            self.queue.put_nowait(gone)
            self.conn.send_close(TRY_AGAIN_LATER, "Too slow")
            self.transport.write(b"".join(self.conn.data_to_send()))
        self._abort_soon()

    def _abort_soon(self) -> None:
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)

    def _forget(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None
