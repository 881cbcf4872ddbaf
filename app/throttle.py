"""How often may somebody try to sign in, register or enter a code? So that guessing doesn't pay.

Each limit is a GCRA: all that remains of a counter is the instant at which it will be full again.
It lies in Valkey under a keyed hash, so that neither contacts nor addresses are there, and every
process counts together. While Valkey doesn't answer, each process counts for itself; codes of
coupons aren't looked at then, since a guesser would have a new budget in each process.
"""

import asyncio
import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network
from typing import cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.coupons.errors import CodesUnavailable
from domain.members.rules import keyed_hash
from kit.errors import TooManyAttempts

ANSWER_SECONDS_MAX = 0.5
AWAY = timedelta(seconds=5)
SLOTS = 65_536
IPV6_SITE_BITS = 64
_MILLISECONDS = 1000
_log = structlog.get_logger(component="throttle")


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` at once, and one more with every `period / count` that passes."""

    name: str
    count: int
    period: timedelta

    @property
    def period_milliseconds(self) -> int:
        return self.period // timedelta(milliseconds=1)

    @property
    def interval_milliseconds(self) -> int:
        return self.period_milliseconds // self.count


# A person mistypes a few times; a guesser gets less than a thousand tries a day, from however many
# addresses. Success starts it afresh, so that only failures add up. The price: a stranger can keep
# a member from signing in for as long as they go on, but not from using a token.
CONTACT_SIGN_IN = Limit("contact", 10, timedelta(minutes=15))
# An office or a mobile operator's gateway shares one address; at a tenth of a second of argon2 for
# each, one address can take a twentieth of one processor.
ADDRESS_SIGN_IN = Limit("address", 30, timedelta(minutes=1))
# Each may hash a password and make a member, and tells whether a contact is taken; a family, or a
# tablet on a shop's counter, does a few.
ADDRESS_REGISTRATION = Limit("registration", 10, timedelta(minutes=10))
# Opening a friend's link keeps nothing; a mobile operator's gateway opens many.
ADDRESS_LANDINGS = Limit("landings", 300, timedelta(minutes=1))
# An export reads all there is of somebody.
ACCOUNT_EXPORTS = Limit("exports", 6, timedelta(hours=1))
# Whoever has a stolen token may guess at the password behind it.
ACCOUNT_PROOFS = Limit("proofs", 10, timedelta(hours=1))
# Each is a message that somebody pays for, and a code of which five guesses may be made.
ACCOUNT_DEVICE_CODES = Limit("device_codes", 5, timedelta(hours=1))
ACCOUNT_DEVICE_CODE_TRIES = Limit("device_code_tries", 20, timedelta(hours=1))
# What somebody says is read by others, and by the staff where it is reported. A talk is quick, a
# flood is quicker.
ACCOUNT_WRITES = Limit("writes", 30, timedelta(minutes=10))

# A customer mistypes a printed code a few times; every failure counts, and success gives back no
# more than its own try. All together: a million wrong codes take four days, and find one of a
# billion that are out with a probability of 1 to 4 million (72 random bits).
ACCOUNT_CODES = Limit("account_codes", 10, timedelta(hours=1))
ADDRESS_CODES = Limit("address_codes", 60, timedelta(hours=1))
ALL_CODES = Limit("all_codes", 10_000, timedelta(hours=1))

# Answers 0, or how many milliseconds to wait. A clock ahead of ours can't lock anybody out: no
# counter is taken to be emptier than empty, and none lasts longer than it takes to fill.
TAKE = """
local now, interval, period = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = tonumber(redis.call('GET', KEYS[1]) or now)
local full_at = math.min(math.max(kept, now), now + period) + interval
local wait = full_at - period - now
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', period)
return 0
"""


# A try that succeeded doesn't count.
GIVE_BACK = """
local now, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = tonumber(redis.call('GET', KEYS[1]) or now) - interval
if kept <= now then redis.call('DEL', KEYS[1]) return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', kept), 'KEEPTTL')
return 0
"""


class Counters:
    """One limit's counters of this process, in a space that no flood can make grow.

    Who shares a slot shares its counter: nobody's is ever dropped to make room for another's.
    """

    def __init__(self) -> None:
        self._full_at = array("q", bytes(8 * SLOTS))

    def take(self, digest: str, limit: Limit, now: int) -> int:
        """What TAKE does; `now` in milliseconds."""
        period, slot = limit.period_milliseconds, _slot(digest)
        full_at = min(max(self._full_at[slot], now), now + period) + limit.interval_milliseconds
        wait = full_at - period - now
        if wait > 0:
            return wait
        self._full_at[slot] = full_at
        return 0

    def clear(self, digest: str) -> None:
        self._full_at[_slot(digest)] = 0


class Throttle:
    """One process's view of the limits; `secret` keys what the counters are called."""

    def __init__(self, secret: bytes, valkey: Callable[[], Redis | None]) -> None:
        self._secret = secret
        self._valkey = valkey
        self._counters: dict[str, Counters] = {}
        self._away_until: datetime | None = None

    def of(self, address: str | None, now: datetime) -> "Attempts":
        """The limits as they are for a request from that address."""
        return Attempts(self, network(address or ""), now)

    async def take(self, limit: Limit, subject: str, now: datetime) -> None:
        """Refuses TOO_MANY_ATTEMPTS."""
        digest, at = self._digest(limit, subject), _milliseconds(now)
        interval, period = limit.interval_milliseconds, limit.period_milliseconds
        wait = await self._ask(now, "EVAL", TAKE, 1, _key(limit, digest), at, interval, period)
        if wait is None:
            wait = self._local(limit).take(digest, limit, at)
        if wait > 0:
            raise TooManyAttempts(math.ceil(wait / _MILLISECONDS))

    async def take_or_fail(self, limit: Limit, subject: str, now: datetime) -> None:
        """`take` where only all processes together may count.

        Refuses TOO_MANY_ATTEMPTS, and COUPON_CODES_UNAVAILABLE while Valkey doesn't answer.
        """
        digest, at = self._digest(limit, subject), _milliseconds(now)
        interval, period = limit.interval_milliseconds, limit.period_milliseconds
        wait = await self._ask(now, "EVAL", TAKE, 1, _key(limit, digest), at, interval, period)
        if wait is None:
            raise CodesUnavailable
        if wait > 0:
            raise TooManyAttempts(math.ceil(wait / _MILLISECONDS))

    async def give_back(self, limit: Limit, subject: str, now: datetime) -> None:
        """One try less."""
        key, at = _key(limit, self._digest(limit, subject)), _milliseconds(now)
        await self._ask(now, "EVAL", GIVE_BACK, 1, key, at, limit.interval_milliseconds)

    async def clear(self, limit: Limit, subject: str, now: datetime) -> None:
        digest = self._digest(limit, subject)
        self._local(limit).clear(digest)
        await self._ask(now, "DEL", _key(limit, digest))

    async def _ask(self, now: datetime, *command: str | int) -> int | None:
        """None while Valkey doesn't answer; for five seconds after that it isn't asked again."""
        client = self._valkey()
        if client is None or (self._away_until is not None and now < self._away_until):
            return None
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                return cast("int", await client.execute_command(*command))
        except (RedisError, OSError) as error:  # a time-out is an OSError
            self._away_until = now + AWAY
            _log.warning("counting without valkey", error=type(error).__name__)
            return None

    def _local(self, limit: Limit) -> Counters:
        return self._counters.setdefault(limit.name, Counters())

    def _digest(self, limit: Limit, subject: str) -> str:
        return keyed_hash(f"throttle:{limit.name}:{subject}", self._secret)


@dataclass(frozen=True, slots=True)
class Attempts:
    """What one request may try: see `resolvers.context.Attempts`."""

    throttle: Throttle
    network: str
    now: datetime

    async def sign_in(self, contact: str) -> None:
        """The address first: who is stopped by it doesn't use up anybody's contact."""
        await self.throttle.take(ADDRESS_SIGN_IN, self.network, self.now)
        await self.throttle.take(CONTACT_SIGN_IN, contact, self.now)

    async def signed_in(self, contact: str) -> None:
        await self.throttle.clear(CONTACT_SIGN_IN, contact, self.now)

    async def register(self) -> None:
        await self.throttle.take(ADDRESS_REGISTRATION, self.network, self.now)

    async def landing(self) -> None:
        await self.throttle.take(ADDRESS_LANDINGS, self.network, self.now)

    async def export(self, account: str) -> None:
        await self.throttle.take(ACCOUNT_EXPORTS, account, self.now)

    async def prove(self, account: str) -> None:
        await self.throttle.take(ACCOUNT_PROOFS, account, self.now)

    async def device_code(self, account: str) -> None:
        await self.throttle.take(ACCOUNT_DEVICE_CODES, account, self.now)

    async def device_code_try(self, account: str) -> None:
        await self.throttle.take(ACCOUNT_DEVICE_CODE_TRIES, account, self.now)

    async def write(self, account: str) -> None:
        await self.throttle.take(ACCOUNT_WRITES, account, self.now)

    async def coupon_code(self, account: str) -> None:
        for limit, subject in self._codes(account):
            await self.throttle.take_or_fail(limit, subject, self.now)

    async def coupon_code_worked(self, account: str) -> None:
        for limit, subject in self._codes(account):
            await self.throttle.give_back(limit, subject, self.now)

    def _codes(self, account: str) -> tuple[tuple[Limit, str], ...]:
        """The account first: who is stopped uses up neither their network's tries nor others'."""
        return (
            (ACCOUNT_CODES, account),
            (ADDRESS_CODES, self.network),
            (ALL_CODES, "all"),
        )


def network(address: str) -> str:
    """Whom an address stands for: itself, but of IPv6 the /64 that one customer has to choose from.

    What is none, as of a Unix socket, stands for itself.
    """
    try:
        found = IPv6Address(address)
    except AddressValueError:
        return address
    mapped: IPv4Address | None = found.ipv4_mapped
    if mapped is not None:
        return str(mapped)
    return str(IPv6Network((found.packed, IPV6_SITE_BITS), strict=False))


def _key(limit: Limit, digest: str) -> str:
    return f"accrue:throttle:{limit.name}:{digest}"


def _slot(digest: str) -> int:
    return int(digest[:8], 16) % SLOTS


def _milliseconds(instant: datetime) -> int:
    return math.floor(instant.timestamp() * _MILLISECONDS)
