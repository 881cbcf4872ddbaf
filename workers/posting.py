"""How is a message posted to an address that somebody else chose? To what was checked, and bounded.

A name is looked up here, every address that it stands for must be public, and the connection is
made to one of these very addresses, so that a second look-up can't lead elsewhere. Redirects are
not followed, proxies not used, and what is answered beside the status isn't read.
"""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx2

from domain.webhooks.model import Message, Outcome
from domain.webhooks.rules import is_public

CONNECT_SECONDS = 5
TOTAL_SECONDS = 15
UNDER_WAY_MAX = 8
IN_LINE_MAX = 8
TURN_SECONDS = 1
ERROR_LETTERS_MAX = 200

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[Address]]]


async def look_up(host: str, port: int) -> list[Address]:
    """What the machine's resolver says; raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, proto=6)
    return [ip_address(str(address[0]).partition("%")[0]) for *_, address in found]


class Poster:
    """Posts at most 8 messages at a time to each endpoint; 8 more wait a second for their turn."""

    def __init__(
        self,
        *,
        allows_private: bool = False,
        resolve: Resolve = look_up,
        trust: Callable[[], ssl.SSLContext] | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._allows_private = allows_private
        self._resolve = resolve
        self._trust = trust or _trust
        self._total_seconds = total_seconds
        self._lines: defaultdict[object, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(UNDER_WAY_MAX + IN_LINE_MAX)
        )
        self._turns: defaultdict[object, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(UNDER_WAY_MAX)
        )

    async def post(self, message: Message) -> Outcome:
        line = self._lines[message.endpoint_id]
        if line.locked():
            return Outcome(is_busy=True)
        async with line:
            return await self._in_turn(message)

    async def _in_turn(self, message: Message) -> Outcome:
        turns = self._turns[message.endpoint_id]
        try:
            await asyncio.wait_for(turns.acquire(), TURN_SECONDS)
        except TimeoutError:
            return Outcome(is_busy=True)
        try:
            async with asyncio.timeout(self._total_seconds):
                return await self._post(message)
        except TimeoutError:
            return Outcome(error=f"no answer within {self._total_seconds:g} seconds")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            return Outcome(error=f"{type(error).__name__}: {error}"[:ERROR_LETTERS_MAX])
        finally:
            turns.release()

    async def _post(self, message: Message) -> Outcome:
        url = httpx2.URL(message.url)
        host = url.raw_host.decode("ascii")
        if url.scheme != "https" and not self._allows_private:
            return Outcome(error="only https is allowed")
        addresses = await self._resolve(host, url.port or 443)
        refused = [one for one in addresses if not (self._allows_private or is_public(one))]
        if refused or not addresses:
            return Outcome(error=f"{host} stands for an address that nothing is sent to")
        # Made anew each time: a connection kept for an address might have shown another's name.
        async with httpx2.AsyncClient(
            verify=self._trust(), trust_env=False, timeout=_timeout(self._total_seconds)
        ) as client:
            answer = client.stream(
                "POST",
                url.copy_with(host=str(addresses[0])),
                content=message.body.encode(),
                headers={**message.headers, "host": url.netloc.decode("ascii")},
                extensions={"sni_hostname": host},
                follow_redirects=False,
            )
            async with answer as response:
                return _outcome(response.status_code)


def _timeout(total_seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(total_seconds, connect=CONNECT_SECONDS)


def _outcome(status: int) -> Outcome:
    outcome = Outcome(status)
    return outcome if outcome.is_success else Outcome(status, f"HTTP {status}")


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


class _State:
    poster = Poster()


_state = _State()


def use(poster: Poster) -> None:
    """Post through `poster` from now on, in this process."""
    _state.poster = poster


async def post(message: Message) -> Outcome:
    """Never raises for what the other side does; a redirect is an answer like any other."""
    return await _state.poster.post(message)
