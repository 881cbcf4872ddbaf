"""What does the application answer besides GraphQL, and when does it want no requests?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from db.changes import Changes
from db.connection import transactional
from db.jobs import Job
from kit import clock
from kit.ids import new_id
from tests.support.api import Asking, code_of
from tests.support.value import give, packet
from tests.support.world import NOW, a_member, published


@pytest.fixture
async def ask(database: str, valkey: Redis) -> AsyncIterator[Asking]:
    await published()
    asking = Asking(database)
    asking.api._valkey = valkey
    async with asking.client:
        yield asking


async def test_a_living_process_says_so(ask: Asking) -> None:
    response = await ask.client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


async def test_a_process_that_has_all_it_needs_is_ready(ask: Asking) -> None:
    response = await ask.client.get("/readyz")
    assert response.status_code == 200
    found = response.json()
    assert found["status"] == "ready"
    assert {name: check["ok"] for name, check in found["checks"].items()} == {
        "postgresql": True,
        "valkey": True,
        "migrations": True,
        "jobs": True,
    }


async def test_late_work_makes_it_unready(ask: Asking) -> None:
    await _add_job(Job(new_id(), "test", "1", NOW, NOW))
    with clock.frozen(NOW) as time:
        assert (await ask.client.get("/readyz")).status_code == 200
        time.advance(timedelta(seconds=60))
        response = await ask.client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["jobs"]["problem"] == "the oldest due job waits for 60 seconds"


async def test_a_server_that_does_not_answer_is_given_two_seconds(ask: Asking) -> None:
    silent = await asyncio.start_server(_say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with silent, Redis(port=port, socket_timeout=30) as client:
        ask.api._valkey = client
        response = await ask.client.get("/readyz")
    assert response.status_code == 503
    check = response.json()["checks"]["valkey"]
    assert check["problem"] == "TimeoutError"
    assert 2 <= check["seconds"] < 10


async def test_metrics_tell_requests_refusals_work_and_points(ask: Asking) -> None:
    member = await a_member()
    await give(member.member_id, 500)
    await give(member.member_id, 200, activates_at=NOW + timedelta(days=15))
    await packet(member.member_id, 888)
    await _add_job(Job(new_id(), "test", "1", NOW, NOW))
    two_later = NOW + timedelta(seconds=2)
    await _add_job(Job(new_id(), "ended", "1", NOW, NOW, state="done", done_at=two_later))
    with clock.frozen(NOW + timedelta(seconds=5)):
        token = ask.member(member.member_id)
        redeem = """mutation Redeem { redeemReward(input: {rewardCode: "MUG", idempotencyKey: "a"})
          { refusal { code } } }"""
        await ask(redeem, token)
        await ask("query Broken { nothing }", token)
        await ask.client.post(
            "/graphql", content=b"{", headers={"content-type": "application/json"}
        )
        response = await ask.client.get("/metrics")
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = set(response.text.splitlines())
    expected = {
        'accrue_graphql_requests_total{operation="Redeem",status="ok"} 1.0',
        'accrue_graphql_requests_total{operation="other",status="error"} 1.0',
        'accrue_refusals_total{code="INSUFFICIENT_POINTS"} 1.0',
        'accrue_refusals_total{code="GRAPHQL_VALIDATION_FAILED"} 1.0',
        'accrue_refusals_total{code="BAD_REQUEST"} 1.0',
        "accrue_job_lag_seconds 5.0",
        'accrue_job_latency_seconds{kind="ended",quantile="0.99"} 2.0',
        'accrue_jobs{state="dead"} 0.0',
        'accrue_events_set_aside{state="parked"} 0.0',
        "accrue_referral_reviews_open 0.0",
        "accrue_staff_proposals_open 0.0",
        'accrue_points_total{kind="issued"} 700.0',
        'accrue_points_total{kind="spent"} 0.0',
        'accrue_points_liability{balance="pending"} 200.0',
        'accrue_points_liability{balance="available"} 500.0',
        'accrue_credit_minor_total{kind="issued"} 888.0',
        'accrue_credit_minor_total{kind="spent"} 0.0',
        'accrue_credit_minor_liability{balance="available"} 888.0',
    }
    assert expected - lines == set()


async def test_points_are_summed_at_most_every_thirty_seconds(ask: Asking) -> None:
    member = await a_member()
    await ask.client.get("/metrics")
    await give(member.member_id, 500)
    again = await ask.client.get("/metrics")
    assert 'accrue_points_total{kind="issued"} 0.0' in again.text


async def test_a_forged_token_is_401_before_anything_runs(ask: Asking) -> None:
    headers = {
        "authorization": "Bearer forged",
        "accept": "application/graphql-response+json",
    }
    body = {"query": "mutation { checkIn { refusal { code } } }"}
    response = await ask.client.post("/graphql", json=body, headers=headers)
    assert response.status_code == 401
    assert code_of(response.json()) == "UNAUTHENTICATED"


async def test_other_paths_and_pages_are_not_found(ask: Asking) -> None:
    assert (await ask.client.get("/")).status_code == 404
    assert (await ask.client.get("/graphql/")).status_code == 404
    page = await ask.client.get("/graphql", headers={"accept": "text/html"})
    assert page.status_code == 400
    debugging = Asking("postgres://unused", debug=True)
    async with debugging.client:
        page = await debugging.client.get("/graphql", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "query Dashboard" in page.text


async def test_nothing_published_is_said_as_a_refusal(database: str) -> None:
    asking = Asking(database)
    async with asking.client:
        assert code_of(await asking("{ programme { version } }")) == "NOTHING_PUBLISHED"


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@transactional
async def _add_job(tx, job: Job) -> None:
    changes = Changes()
    changes.put("job", job)
    await changes.write(tx)
