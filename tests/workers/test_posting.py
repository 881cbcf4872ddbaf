"""Does a message go to a checked address and to no other, within its time?"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from domain.webhooks.model import Message, Outcome
from kit import clock
from kit.ids import new_id
from tests.support.hooks import Receiver, a_receiver
from workers import posting
from workers.posting import Poster

NAME = "hooks.shop.example"


@pytest.fixture
async def shop() -> AsyncIterator[Receiver]:
    async with a_receiver() as receiver:
        yield receiver


def to(url: str) -> Message:
    return Message(new_id(), url, {"content-type": "application/json"}, "{}")


def names(*answers: list[str]):
    """A resolver that gives these answers, one after the other, and then the last one again."""
    waiting = list(answers)

    async def resolve(host: str, port: int):
        assert (host, port > 0) == (NAME, True)
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [ip_address(text) for text in found]

    return resolve


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "::1", "::ffff:10.0.0.1", "fd00::1"],
)
async def test_a_name_that_stands_for_a_private_address_is_not_told(address):
    outcome = await Poster(resolve=names([address])).post(to(f"https://{NAME}/"))
    assert outcome == Outcome(error=f"{NAME} stands for an address that nothing is sent to")


async def test_one_private_address_among_public_ones_is_enough_to_refuse():
    poster = Poster(resolve=names(["93.184.216.34", "10.0.0.1"]))
    outcome = await poster.post(to(f"https://{NAME}/"))
    assert outcome.error == f"{NAME} stands for an address that nothing is sent to"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "localhost", "[::1]"]
)
async def test_what_the_machine_itself_resolves_to_loopback_is_not_told(shop, host):
    outcome = await Poster().post(to(f"https://{host}:{shop.port}/"))
    assert outcome.error is not None
    assert outcome.error.endswith("stands for an address that nothing is sent to")
    assert shop.heard == []


async def test_without_leave_nothing_goes_by_http():
    poster = Poster(resolve=names(["93.184.216.34"]))
    assert await poster.post(to(f"http://{NAME}/")) == Outcome(error="only https is allowed")


async def test_a_name_is_looked_up_once_so_a_second_answer_leads_nowhere(tmp_path):
    """Rebinding: the first answer is checked, and the connection goes to it whatever follows."""
    async with a_receiver(tls=_server(tmp_path)) as honest:
        poster = Poster(
            allows_private=True,
            resolve=names(["127.0.0.1"], ["127.0.0.2"]),
            trust=lambda: ssl.create_default_context(cafile=str(tmp_path / "certificate.pem")),
        )
        outcome = await poster.post(to(f"https://{NAME}:{honest.port}/hooks"))
    assert outcome == Outcome(204)
    (heard,) = honest.heard
    assert heard.headers["host"] == f"{NAME}:{honest.port}"


async def test_a_certificate_for_another_name_is_refused(tmp_path):
    async with a_receiver(tls=_server(tmp_path)) as receiver:
        poster = Poster(
            allows_private=True,
            trust=lambda: ssl.create_default_context(cafile=str(tmp_path / "certificate.pem")),
        )
        outcome = await poster.post(to(f"https://127.0.0.1:{receiver.port}/"))
    assert outcome.status is None
    assert "CERTIFICATE_VERIFY_FAILED" in str(outcome.error)
    assert receiver.heard == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    async with a_receiver(tls=_server(tmp_path)) as receiver:
        poster = Poster(allows_private=True, resolve=names(["127.0.0.1"]))
        outcome = await poster.post(to(f"https://{NAME}:{receiver.port}/"))
    assert "CERTIFICATE_VERIFY_FAILED" in str(outcome.error)


async def test_where_nobody_listens_the_attempt_fails():
    async with a_receiver() as gone:
        url = gone.url
    outcome = await Poster(allows_private=True).post(to(url))
    assert (outcome.status, str(outcome.error).split(":")[0]) == (None, "ConnectError")


async def test_a_name_that_stands_for_nothing_fails():
    outcome = await Poster(allows_private=True).post(to("https://nothing.invalid/"))
    assert outcome.status is None
    assert outcome.error is not None


async def test_proxies_of_the_environment_are_not_used(shop, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert await Poster(allows_private=True).post(to(shop.url)) == Outcome(204)


async def test_more_than_eight_at_a_time_to_one_endpoint_wait_and_others_go_on(shop):
    async with a_receiver() as other:
        shop.answering.clear()
        poster, message = Poster(allows_private=True, total_seconds=5), to(shop.url)
        under_way = [asyncio.create_task(poster.post(message)) for _ in range(8)]
        while len(shop.heard) < 8:
            await asyncio.wait(under_way, timeout=0.01)
        assert await poster.post(message) == Outcome(is_busy=True)
        assert await poster.post(to(other.url)) == Outcome(204)
        shop.answering.set()
        assert await asyncio.gather(*under_way) == [Outcome(204)] * 8


async def test_only_eight_wait_for_their_turn_and_others_come_back_at_once(shop, monkeypatch):
    monkeypatch.setattr(posting, "TURN_SECONDS", 60)
    shop.answering.clear()
    poster, message = Poster(allows_private=True, total_seconds=5), to(shop.url)
    waiting = [asyncio.create_task(poster.post(message)) for _ in range(16)]
    while len(shop.heard) < 8:
        await asyncio.wait(waiting, timeout=0.01)
    async with asyncio.timeout(1):
        assert await poster.post(message) == Outcome(is_busy=True)
    shop.answering.set()
    assert await asyncio.gather(*waiting) == [Outcome(204)] * 16


async def test_the_machines_resolver_answers_with_addresses():
    found = await posting.look_up("127.0.0.1", 443)
    assert [str(address) for address in found] == ["127.0.0.1"]


def _server(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for NAME that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
