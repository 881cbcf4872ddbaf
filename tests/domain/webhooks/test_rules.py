"""Which addresses are told, and when is an attempt made again?"""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from domain.webhooks import rules
from domain.webhooks.errors import AddressRefused
from domain.webhooks.model import Endpoint, Outcome, State
from kit import clock
from kit.errors import InvalidInput
from kit.ids import new_id
from tests.support.world import NOW

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/hooks?from=accrue",
        "https://shop.example:8443/",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]/",
        "https://xn--fiq228c.example/",
    ],
)
def test_public_https_addresses_may_be_told(url):
    assert rules.valid_url(f" {url} ", allows_private=False) == url


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("http://shop.example/", "http://"),
        ("https://shop.example:25/", ":25"),
        ("https://shop.example:80/", ":80"),
        ("https://localhost/", "localhost"),
        ("https://LOCALHOST./", "localhost."),
        ("https://shop.localhost/", "shop.localhost"),
        ("https://printer.local/", "printer.local"),
        ("https://metadata.google.internal/", "metadata.google.internal"),
        ("https://intranet/", "intranet"),
        ("https://127.0.0.1/", "127.0.0.1"),
        ("https://127.1/", "127.1"),
        ("https://0x7f.1/", "0x7f.1"),
        ("https://0x7f000001/", "0x7f000001"),
        ("https://0177.0.0.1/", "0177.0.0.1"),
        ("https://2130706433/", "2130706433"),
        ("https://shop.0x7f/", "shop.0x7f"),
        ("https://10.0.0.1/", "10.0.0.1"),
        ("https://172.16.0.1/", "172.16.0.1"),
        ("https://192.168.0.1/", "192.168.0.1"),
        ("https://100.64.0.1/", "100.64.0.1"),
        ("https://169.254.169.254/", "169.254.169.254"),
        ("https://0.0.0.0/", "0.0.0.0"),  # noqa: S104  refused
        ("https://224.0.0.1/", "224.0.0.1"),
        ("https://255.255.255.255/", "255.255.255.255"),
        ("https://[::1]/", "::1"),
        ("https://[::]/", "::"),
        ("https://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"),
        ("https://[::ffff:8.8.8.8]/", "::ffff:8.8.8.8"),
        ("https://[::127.0.0.1]/", "::127.0.0.1"),
        ("https://[fd00::1]/", "fd00::1"),
        ("https://[fe80::1]/", "fe80::1"),
        ("https://[fe80::1%25eth0]/", "fe80::1%25eth0"),
        ("https://[64:ff9b::7f00:1]/", "64:ff9b::7f00:1"),
        ("https://[64:ff9b:1::7f00:1]/", "64:ff9b:1::7f00:1"),
        ("https://[2002:7f00:1::]/", "2002:7f00:1::"),
        ("https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
        ("https://[ff02::1]/", "ff02::1"),
    ],
)
def test_no_other_address_is_told_in_whatever_spelling(url, refused):
    with pytest.raises(AddressRefused) as caught:
        rules.valid_url(url, allows_private=False)
    assert caught.value.facts == {"address": refused}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "ftp://shop.example/",
        "https:///hooks",
        "https://",
        "https://[::1/",
        "https://shop.example:99999/",
        "https://shop.example:x/",
        "https://me@shop.example/",
        "https://me:secret@shop.example/",
        "https://shop.example@10.0.0.1/",
        "https://shop.example\\@10.0.0.1/",
        "https://shop.example/#top",
        "https://shop.example/a b",
        "https://shop.example/\r\nx-evil: 1",
        "https://商店.example/",
        "https://shop.example/" + "a" * 480,
    ],
)
@pytest.mark.parametrize("allows_private", [True, False])
def test_what_is_no_plain_address_is_invalid(url, allows_private):
    with pytest.raises(InvalidInput) as caught:
        rules.valid_url(url, allows_private=allows_private)
    assert caught.value.path == ["input", "url"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/hooks", "https://10.0.0.1/", "http://shop/"]
)
def test_where_the_operator_lets_them_private_addresses_are_told(url):
    assert rules.valid_url(url, allows_private=True) == url


@pytest.mark.parametrize("text", ["8.8.8.8", "2606:4700:4700::1111"])
def test_what_anybody_may_reach_is_public(text):
    assert rules.is_public(ip_address(text))


def test_a_message_is_signed_with_both_secrets_until_the_old_one_ends():
    now = clock.now()
    endpoint = Endpoint(
        id=new_id(),
        url="https://shop.example/",
        description="",
        secret=SECRET,
        old_secret=OLD_SECRET,
        old_secret_until=now,
        event_types=[],
        created_at=now,
        created_by="ada@shop",
    )
    body = {"type": "webhook.test", "timestamp": "x", "data": {"name": "小明"}}
    alone = rules.message(endpoint, "id", body, now=now)
    assert Webhook(SECRET).verify(alone.body, alone.headers) == body
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD_SECRET).verify(alone.body, alone.headers)
    longer = replace(endpoint, old_secret_until=now + timedelta(seconds=1))
    both = rules.message(longer, "id", body, now=now)
    assert Webhook(SECRET).verify(both.body, both.headers) == body
    assert Webhook(OLD_SECRET).verify(both.body, both.headers) == body


def test_attempts_follow_at_growing_intervals_with_up_to_a_fifth_more():
    verdicts = [
        rules.verdict(Outcome(500), attempts, None, NOW, chance=chance)
        for attempts in range(1, 10)
        for chance in (0, 1)
    ]
    expected = [wait * factor for wait in rules.RETRIES for factor in (1, 1.2)]
    assert [verdict.next_at for verdict in verdicts] == [NOW + wait for wait in expected]
    assert rules.verdict(Outcome(500), 10, None, NOW, chance=0).state == State.DEAD


@pytest.mark.parametrize(
    ("failing_for", "pause"),
    [
        (timedelta(), timedelta(seconds=5)),
        (timedelta(minutes=1), timedelta(seconds=15)),
        (timedelta(hours=1), timedelta(minutes=15)),
        (timedelta(days=3), timedelta(minutes=15)),
    ],
)
@pytest.mark.parametrize("outcome", [Outcome(error="nobody"), Outcome(429), Outcome(503)])
def test_who_does_not_answer_is_left_alone_for_a_quarter_of_the_time(failing_for, pause, outcome):
    verdict = rules.verdict(outcome, 1, NOW - failing_for, NOW, chance=0)
    assert verdict.pause_until == NOW + pause


@pytest.mark.parametrize("status", [301, 400, 404, 500])
def test_who_answers_with_a_refusal_is_not_left_alone(status):
    verdict = rules.verdict(Outcome(status), 1, NOW - timedelta(hours=1), NOW, chance=0)
    assert verdict.pause_until is None


def test_who_is_busy_or_paused_is_tried_a_little_later_and_not_by_all_at_once():
    seconds = timedelta(seconds=1)
    assert rules.later(NOW, paused_until=None, chance=0) == NOW + 5 * seconds
    assert rules.later(NOW, paused_until=NOW + 60 * seconds, chance=1) == NOW + 75 * seconds
    assert rules.later(NOW, paused_until=NOW - 60 * seconds, chance=0) == NOW + 5 * seconds
