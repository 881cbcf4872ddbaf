"""What does Prometheus see? Requests, latency and refusals here; jobs and points by collectors."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPERATIONS_MAX = 100
CODES_MAX = 200
OTHER = "other"
_NAME_CHARACTERS_MAX = 64
_BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """One process's metrics. Label values come from clients, so their number is bounded.

    `operations` are always known by name; others are as long as there is room and they succeed,
    so that a stranger's failing requests can't use it up.
    """

    def __init__(self, operations: Iterable[str] = ()) -> None:
        self.registry = CollectorRegistry()
        self._operations = set(operations)
        self._codes: set[str] = set()
        self._requests = Counter(
            "accrue_graphql_requests",
            "GraphQL requests that reached the schema.",
            ("operation", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "accrue_graphql_request_seconds",
            "Time from the parsed request to the encoded answer.",
            ("operation",),
            buckets=_BUCKETS_SECONDS,
            registry=self.registry,
        )
        self._refusals = Counter(
            "accrue_refusals",
            "Refusals and errors by code.",
            ("code",),
            registry=self.registry,
        )

    def answered(self, operation: str | None, status: str, duration_seconds: float) -> None:
        name = self._operation(operation, is_learnable=status == "ok")
        self._requests.labels(name, status).inc()
        self._seconds.labels(name).observe(duration_seconds)

    def refused(self, code: str) -> None:
        if code not in self._codes and len(self._codes) >= CODES_MAX:
            code = OTHER
        self._codes.add(code)
        self._refusals.labels(code).inc()

    def collect(self, collector: Collector) -> None:
        """Have a collector asked whenever the metrics are read."""
        self.registry.register(collector)

    def render(self) -> bytes:
        """The text that `/metrics` answers with, as CONTENT_TYPE."""
        return generate_latest(self.registry)

    def _operation(self, name: str | None, *, is_learnable: bool) -> str:
        if name is None:
            return "anonymous"
        if name in self._operations:
            return name
        has_room = len(self._operations) < OPERATIONS_MAX and len(name) <= _NAME_CHARACTERS_MAX
        if not (is_learnable and has_room):
            return OTHER
        self._operations.add(name)
        return name
