"""Are labels that clients choose bounded, and are other collectors read along?"""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.metrics import CODES_MAX, OPERATIONS_MAX, Metrics


def operations(metrics: Metrics) -> set[str]:
    return {
        sample.labels["operation"]
        for family in metrics.registry.collect()
        if family.name == "accrue_graphql_requests"
        for sample in family.samples
    }


def test_operations_that_succeed_are_named_until_there_is_no_more_room() -> None:
    metrics = Metrics()
    for i in range(OPERATIONS_MAX + 50):
        metrics.answered(f"Operation{i}", "ok", 0.001)
    named = operations(metrics)
    assert named == {f"Operation{i}" for i in range(OPERATIONS_MAX)} | {"other"}


def test_failing_or_overlong_operations_do_not_take_a_name() -> None:
    metrics = Metrics()
    metrics.answered("Guess", "error", 0.001)
    metrics.answered("x" * 65, "ok", 0.001)
    assert operations(metrics) == {"other"}


def test_operations_that_are_known_beforehand_are_always_named() -> None:
    metrics = Metrics(["Dashboard"])
    metrics.answered("Dashboard", "error", 0.001)
    metrics.answered(None, "ok", 0.001)
    assert operations(metrics) == {"Dashboard", "anonymous"}


def test_codes_are_bounded() -> None:
    metrics = Metrics()
    for i in range(CODES_MAX + 10):
        metrics.refused(f"CODE_{i}")
    metrics.refused("CODE_0")
    text = metrics.render().decode()
    assert 'accrue_refusals_total{code="CODE_0"} 2.0' in text
    assert f'accrue_refusals_total{{code="CODE_{CODES_MAX}"}}' not in text
    assert 'accrue_refusals_total{code="other"} 10.0' in text


def test_a_collector_is_asked_when_the_metrics_are_read() -> None:
    class Jobs(Collector):
        def collect(self) -> Iterator[Metric]:
            yield GaugeMetricFamily("accrue_jobs_due", "Jobs that are due.", value=3)

    metrics = Metrics()
    metrics.collect(Jobs())
    assert "accrue_jobs_due 3.0" in metrics.render().decode()


def test_two_registries_do_not_share_anything() -> None:
    first, second = Metrics(), Metrics()
    first.refused("A")
    assert b'code="A"' not in second.render()
