"""Does everything that must always hold, hold? Read-only; every breach names its rows."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from db.connection import Tx
from db.queries import audit as queries
from domain.ledger.chain import chain_hash
from domain.ledger.model import GENESIS, IN_LOTS, WALLET_ACCOUNTS
from domain.programme.model import AnnualDecay
from domain.programme.views import versions
from domain.staff import auditing

BREACHES_MAX = 1_000
LATE_AFTER = timedelta(minutes=5)
_CHAIN_PAGE = 5_000

Row = Mapping[str, Any]


class Invariant(StrEnum):
    """What is checked; I1 to I18 are numbered as the design numbers them."""

    ZERO_SUM = "I1 accounts of a currency sum to zero"
    WALLET_SUM = "I2 a wallet is the sum of its transfers"
    CONTINUOUS = "I3 transfers are numbered without a gap"
    NOT_NEGATIVE = "I4 debt means that nothing is available, and nothing else is negative"
    LOTS_SUM = "I5 a wallet is the sum of its lots and holds"
    LOT_BUCKETS = "I5 a lot is what its movements made of it"
    MOVES_SUM = "I6 a transfer is the sum of what it took from lots"
    REVERSALS = "I6 no more comes back than was taken"
    KEYS = "I7 a key has one effect"
    HOLDS = "I8 a hold is resolved once, by what it holds"
    STOCK = "I9 what was sold is what was redeemed"
    POOLS = "I9 a code belongs to one redemption"
    REFERRALS = "I10 a referral is awarded once, and in no circle"
    REDEMPTIONS = "I11 a redemption has its debit, and its return one restore"
    CHECKOUTS = "I11 a checkout has what is kept for it, and its debits once"
    DRAWS = "I11 a ticket has its draws, and a draw has given what it says"
    LOTTERIES = "I9 what a round has given is what was drawn, within stock and budget"
    SOURCES = "I11 what has value has its source"
    ORDERS = "I11 of an order is left what its refunds didn't take"
    LATE_WORK = "I12 no work is late or set aside"
    STANDINGS = "I13 a tier is what its last change made it"
    CHAIN = "I14 the chain of hashes verifies"
    GUARDS = "I15 the ledger's past can't be changed"
    TIMES = "I16 nothing is recorded before it occurred"
    MERGES = "I17 what merges took out came in, and who was merged has nothing"
    STAFF = "I18 what staff did is chained, and what they changed has its act"
    COUNTS = "counts of content are of what it received"
    SEATS = "seats of a meetup are those of its sign-ups"
    LIFETIME = "lifetime earned is what was issued less what was taken back"
    NEXT_DUE = "a wallet is looked at when something is due"


Severity = Literal["breach", "late"]


@dataclass(frozen=True, slots=True)
class Breach:
    """`detail` names the row; `late` work is not wrong yet, but nobody is doing it."""

    invariant: Invariant
    member_id: UUID | None
    detail: str
    severity: Severity = "breach"


@dataclass(slots=True)
class Findings:
    """What was found, and how many rows of each sort were looked at.

    The first thousand breaches are kept, `count` is of all.
    """

    breaches: list[Breach] = field(default_factory=list[Breach])
    checked: Counter[str] = field(default_factory=Counter[str])
    count: int = 0

    def found(self, breach: Breach) -> None:
        self.count += 1
        if len(self.breaches) < BREACHES_MAX:
            self.breaches.append(breach)

    def add(self, other: "Findings") -> None:
        self.count += other.count
        self.breaches += other.breaches[: BREACHES_MAX - len(self.breaches)]
        self.checked.update(other.checked)


_OF_MEMBERS = {
    "lot_buckets": Invariant.LOT_BUCKETS,
    "moves": Invariant.MOVES_SUM,
    "reversals": Invariant.REVERSALS,
    "holds": Invariant.HOLDS,
    "keys": Invariant.KEYS,
    "redemptions": Invariant.REDEMPTIONS,
    "draws": Invariant.DRAWS,
    "sources": Invariant.SOURCES,
    "orders": Invariant.ORDERS,
    "checkouts": Invariant.CHECKOUTS,
    "standings": Invariant.STANDINGS,
    "referrals": Invariant.REFERRALS,
    "counts": Invariant.COUNTS,
    "times": Invariant.TIMES,
    "merged": Invariant.MERGES,
    "acts": Invariant.STAFF,
}
_OF_THE_WHOLE = {
    "pools": Invariant.POOLS,
    "lotteries": Invariant.LOTTERIES,
    "coupon stock": Invariant.STOCK,
    "vouchers": Invariant.POOLS,
    "merges": Invariant.MERGES,
    "guards": Invariant.GUARDS,
    "seats": Invariant.SEATS,
}


async def audit_members(tx: Tx, members: Sequence[UUID]) -> Findings:
    """Check these members, given in the order of their ids and without others between them."""
    findings = Findings()
    latest = (await versions(tx)).latest()
    decays = latest is not None and isinstance(latest.programme.points.expiry, AnnualDecay)
    wallets = await queries.wallets(tx, members)
    for wallet in wallets:
        for invariant, detail in _wallet_breaches(wallet, decays=decays):
            findings.found(Breach(invariant, wallet["member_id"], detail))
    for check, invariant in _OF_MEMBERS.items():
        for row in await queries.broken(tx, check, members):
            findings.found(Breach(invariant, row["member_id"], row["row"]))
    await _check_chains(tx, findings, wallets, members=members)
    findings.checked.update(members=len(members), wallets=len(wallets))
    findings.checked.update(await queries.rows_of(tx, members))
    return findings


def _wallet_breaches(wallet: Row, *, decays: bool) -> Iterator[tuple[Invariant, str]]:
    name = f"wallet {wallet['currency']}"
    inside = sum(wallet[account] for account in WALLET_ACCOUNTS)
    if inside + wallet["outside"] != 0:
        yield Invariant.ZERO_SUM, f"{name}: {inside} inside, {wallet['outside']} outside"
    for account in sorted(WALLET_ACCOUNTS):
        stored, moved = wallet[account], wallet[f"moved_{account}"]
        if stored != moved:
            yield Invariant.WALLET_SUM, f"{name} {account}: {stored}, its transfers say {moved}"
    if not wallet["transfers"] == wallet["last"] == wallet["seq"]:
        yield (
            Invariant.CONTINUOUS,
            f"{name}: {wallet['transfers']} transfers to {wallet['last']}, seq {wallet['seq']}",
        )
    if _is_negative(wallet):
        yield Invariant.NOT_NEGATIVE, name
    yield from _lots_breaches(wallet, name)
    earned = wallet["issued"] - wallet["forfeited"] + wallet["lifetime_moved"]
    if wallet["lifetime_earned"] != earned:
        yield Invariant.LIFETIME, f"{name}: {wallet['lifetime_earned']}, should be {earned}"
    if (due := _due_unseen(wallet, decays=decays)) is not None:
        yield Invariant.NEXT_DUE, f"{name}: due {due}, looked at {wallet['next_due_at']}"


def _is_negative(wallet: Row) -> bool:
    return (
        min(wallet["pending"], wallet["available"], wallet["held"]) < 0
        or wallet["debt"] > 0
        or (wallet["debt"] < 0 and wallet["available"] + wallet["lots_active"] > 0)
    )


def _lots_breaches(wallet: Row, name: str) -> Iterator[tuple[Invariant, str]]:
    if wallet["currency"] not in IN_LOTS:
        return
    sums = {
        "pending": ("lots_pending", "pending"),
        "available": ("lots_active", "available"),
        "held": ("lots_held", "held"),
        "holds": ("holds", "held"),
    }
    for what, (column, account) in sums.items():
        if wallet[column] != wallet[account]:
            yield (
                Invariant.LOTS_SUM,
                f"{name} {what}: {wallet[account]}, should be {wallet[column]}",
            )


def _due_unseen(wallet: Row, *, decays: bool) -> datetime | None:
    """When something is due that nobody will look at; a suspended member's waits on purpose."""
    if wallet["suspended"]:
        return None
    dues = [wallet["due_at"], wallet["decays_at"] if decays else None]
    due = min((at for at in dues if at is not None), default=None)
    looked_at = wallet["next_due_at"]
    return due if due is not None and (looked_at is None or looked_at > due) else None


async def _check_chains(
    tx: Tx, findings: Findings, wallets: Sequence[Row], *, members: Sequence[UUID]
) -> None:
    heads: dict[tuple[UUID, str], str] = {}
    place: tuple[UUID, str, int] = (members[0], "", 0)
    while True:
        page = await queries.transfers_after(tx, place, members[-1], _CHAIN_PAGE)
        for row in page:
            wallet = (row["member_id"], row["currency"])
            if _hash(heads.get(wallet, GENESIS), row) != row["hash"]:
                detail = f"transfer {row['currency']} {row['seq']}"
                findings.found(Breach(Invariant.CHAIN, row["member_id"], detail))
            heads[wallet] = row["hash"]
        findings.checked["transfers"] += len(page)
        if len(page) < _CHAIN_PAGE:
            break
        place = (page[-1]["member_id"], page[-1]["currency"], page[-1]["seq"])
    for wallet in wallets:
        key = (wallet["member_id"], wallet["currency"])
        if wallet["head"] != heads.get(key, GENESIS):
            detail = f"wallet {wallet['currency']}: its head is not its last transfer's hash"
            findings.found(Breach(Invariant.CHAIN, wallet["member_id"], detail))


_CONTENT = (
    "amount",
    "debit_account",
    "credit_account",
    "kind",
    "reason",
    "source_type",
    "source_id",
    "decision_id",
    "programme_version",
    "occurred_at",
    "recorded_at",
)


def _hash(previous: str, row: Row) -> str:
    content: tuple[Any, ...] = tuple(row[name] for name in _CONTENT)
    return chain_hash(previous, row["member_id"], row["currency"], row["seq"], content)


async def audit_shared(tx: Tx, *, now: datetime) -> Findings:
    """Check what belongs to no member, and whether work is late."""
    findings = Findings()
    await _check_stock(tx, findings)
    async for detail in auditing.broken(tx, findings.checked):
        findings.found(Breach(Invariant.STAFF, None, detail))
    for check, invariant in _OF_THE_WHOLE.items():
        for row in await queries.broken_anywhere(tx, check):
            findings.found(Breach(invariant, row["member_id"], row["row"]))
    for check in queries.LATE:
        for row in await queries.late(tx, check, now - LATE_AFTER):
            detail = f"{check}: {row['row']}"
            findings.found(Breach(Invariant.LATE_WORK, row["member_id"], detail, "late"))
    return findings


async def _check_stock(tx: Tx, findings: Findings) -> None:
    """Only what was redeemed under a version with a stock is counted as sold."""
    published = await versions(tx)
    redeemed: Counter[str] = Counter()
    for row in await queries.taken(tx):
        reward = published.numbered(row["programme_version"]).programme.reward(row["reward_code"])
        if reward is not None and reward.stock is not None:
            redeemed[reward.code] += row["quantity"]
    sold = await queries.sold(tx)
    findings.checked["rewards"] += len(sold)
    for code in sorted(sold.keys() | redeemed.keys()):
        if sold.get(code, 0) != redeemed[code]:
            detail = f"reward_stock {code}: {sold.get(code, 0)} sold, {redeemed[code]} redeemed"
            findings.found(Breach(Invariant.STOCK, None, detail))
