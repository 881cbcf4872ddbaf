"""Where may a fact be sent, what is sent, and when is it tried again?"""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from standardwebhooks import Webhook

from domain.webhooks.errors import AddressRefused
from domain.webhooks.model import Endpoint, EventType, Message, Outcome, State, Verdict
from kit.errors import InvalidInput

ENDPOINTS_MAX = 20
URL_LETTERS_MAX = 500
TEXT_LETTERS_MAX = 200
ROTATION = timedelta(hours=24)
DISABLED_AFTER = timedelta(days=5)
RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After each failed attempt, as the specification of Standard Webhooks proposes."""
BUSY = timedelta(seconds=10)
PAUSE_MAX = timedelta(minutes=15)
HTTPS_PORT = 443
FIRST_FREE_PORT = 1024
_GONE = 410
_OVERLOADED = frozenset({429, 502, 503, 504})
_ROUTED = IPv6Network("2000::/3")
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa", ".onion")


def valid_url(url: str, *, allows_private: bool) -> str:
    """An address that may be told. Refuses INVALID_INPUT, ADDRESS_REFUSED.

    A name is looked up, and what it stands for checked, at each attempt (`is_public`). What
    `allows_private` lets pass besides: http, any port, and the operator's own network.
    """
    url = url.strip()
    parts = _parts(url)
    if allows_private:
        return url
    assert parts.hostname is not None
    if parts.scheme != "https":
        raise AddressRefused(f"{parts.scheme}://")
    port = HTTPS_PORT if parts.port is None else parts.port
    if port != HTTPS_PORT and port < FIRST_FREE_PORT:
        raise AddressRefused(f":{port}")
    _require_public_host(parts.hostname)
    return url


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
        is_address = parts.scheme in {"https", "http"} and bool(parts.hostname)
    except ValueError:
        raise _not_an_address() from None
    if not is_address or not url.isascii() or len(url) > URL_LETTERS_MAX:
        raise _not_an_address()
    if any(letter.isspace() or letter == "\\" for letter in url) or parts.fragment:
        raise _not_an_address()
    if "@" in parts.netloc:
        raise _invalid("url", "names and passwords don't go into a URL", "网址中不能含用户名")
    return parts


def _invalid(name: str, reason_en: str, reason_zh: str) -> InvalidInput:
    return InvalidInput(["input", name], reason_en, reason_zh)


def _not_an_address() -> InvalidInput:
    return _invalid(
        "url",
        f"an https:// address of at most {URL_LETTERS_MAX} ASCII letters, without a fragment",
        f"必须是不超过 {URL_LETTERS_MAX} 个 ASCII 字符、不含片段的 https:// 地址",
    )


def _require_public_host(host: str) -> None:
    """A name with a dot that is no number: `0x7f.1` and `2130706433` are addresses in disguise."""
    try:
        address = ip_address(host)
    except ValueError:
        address = None
    if address is not None:
        if not is_public(address):
            raise AddressRefused(host)
        return
    labels = host.rstrip(".").split(".")
    is_number = labels[-1].isdigit() or labels[-1].startswith("0x")
    if len(labels) == 1 or is_number or f".{host.rstrip('.')}".endswith(_PRIVATE_SUFFIXES):
        raise AddressRefused(host)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether anybody may be found there: no loopback, private, shared or link-local network.

    Of IPv6 only what is routed, without addresses that have an IPv4 one inside.
    """
    if isinstance(address, IPv6Address):
        is_embedding = address.sixtofour is not None or address.teredo is not None
        return address in _ROUTED and address.is_global and not is_embedding
    return address.is_global and not address.is_multicast


def valid_types(event_types: Collection[str]) -> list[str]:
    """Each once. Refuses INVALID_INPUT."""
    known = {kind.value for kind in EventType}
    for kind in event_types:
        if kind not in known:
            raise _invalid("eventTypes", f"no event type {kind}", f"没有 {kind} 这种事件类型")
    return sorted(set(event_types))


def valid_description(description: str) -> str:
    """Refuses INVALID_INPUT."""
    return _short(description, ["input", "description"])


def valid_reason(reason: str) -> str:
    """Refuses INVALID_INPUT."""
    return _short(reason, ["reason"])


def _short(text: str, path: list[str]) -> str:
    text = text.strip()
    if len(text) > TEXT_LETTERS_MAX:
        raise InvalidInput(
            path, f"at most {TEXT_LETTERS_MAX} letters", f"最多 {TEXT_LETTERS_MAX} 个字符"
        )
    return text


def message(endpoint: Endpoint, message_id: str, body: dict[str, Any], *, now: datetime) -> Message:
    """Signed with the secret, and with the old one while it counts."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    secrets = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and now < endpoint.old_secret_until:
        secrets.append(endpoint.old_secret)
    signatures = [Webhook(secret).sign(message_id, now, text) for secret in secrets]
    headers = {
        "content-type": "application/json",
        "user-agent": "Accrue",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Message(endpoint.id, endpoint.url, headers, text)


def verdict(
    outcome: Outcome,
    attempts: int,
    failing_since: datetime | None,
    now: datetime,
    *,
    chance: float,
) -> Verdict:
    """What follows from the `attempts`-th attempt; `chance`, 0 to 1, adds up to a fifth to a wait.

    An endpoint that doesn't answer, or says that it is overloaded, gets nothing at all for a
    quarter of the time for which it has failed: after a minute 15 seconds, at most 15 minutes.
    """
    if outcome.is_success:
        return Verdict(State.SENT)
    if outcome.status == _GONE:
        return Verdict(State.DEAD, disable="it answered 410 Gone")
    failing_for = timedelta() if failing_since is None else now - failing_since
    disable = None
    if failing_for >= DISABLED_AFTER:
        disable = f"every attempt of {DISABLED_AFTER.days} days failed"
    pause_until = None
    if outcome.status is None or outcome.status in _OVERLOADED:
        pause_until = now + min(max(failing_for / 4, RETRIES[0]), PAUSE_MAX)
    if attempts > len(RETRIES) or disable:
        return Verdict(State.DEAD, None, pause_until, disable)
    next_at = now + RETRIES[attempts - 1] * (1 + chance / 5)
    return Verdict(State.WAITING, next_at, pause_until)


def later(now: datetime, *, paused_until: datetime | None, chance: float) -> datetime:
    """When to come back to an endpoint that is busy or paused; not all at once."""
    start = now if paused_until is None else max(now, paused_until)
    return start + BUSY * (0.5 + chance)
