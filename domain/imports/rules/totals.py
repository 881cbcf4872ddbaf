"""What do a file's rows come to, and do two of them say different things of one?"""

from dataclasses import dataclass, field
from datetime import timedelta

from domain.imports.errors import ImportConflict, ImportedCodeTaken, ImportedContactTaken
from domain.imports.model import IN_LOTS, NEVER, Entry, Totals
from domain.programme.model import Programme
from kit.calendar import day_of, month_key
from kit.hashing import input_hash

BY_PROGRAMME = "by the programme"


def month_of(entry: Entry, programme: Programme) -> str:
    """In which month, of the programme's zone, the balance expires: 2026-12 for a day's end of it.

    An instant at which a month begins ends the month before.
    """
    if entry.is_lasting:
        return NEVER
    if entry.expires_at is None:
        return BY_PROGRAMME
    last = entry.expires_at - timedelta(microseconds=1)
    return month_key(day_of(last, programme.zone, programme.day_start_hour))


@dataclass(slots=True)
class Reconciling:
    """The rows of one file, in order; keeps a hash of each, so that none counts twice."""

    programme: Programme
    totals: Totals = field(default_factory=Totals)
    repeated: int = 0
    _members: set[str] = field(default_factory=set[str])
    _known: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _contacts: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _tiers: dict[str, str] = field(default_factory=dict[str, str])
    _codes: set[str] = field(default_factory=set[str])

    def add(self, entry: Entry) -> bool:
        """Count the row; False for one that only repeats an earlier one, which is counted apart.

        Refuses IMPORT_CONFLICT, IMPORTED_CONTACT_TAKEN, IMPORTED_CODE_TAKEN: an earlier row.
        """
        key, content = (entry.external_id, entry.reference), input_hash(entry.content)[:16]
        if (before := self._known.get(key)) is not None:
            if before != content:
                raise ImportConflict(
                    "reference",
                    "an earlier row of the file with this customer and reference says otherwise",
                    "文件中已有同一客户、同一凭证号而内容不同的行",
                )
            self.repeated += 1
            return False
        self._claim(entry)
        self._known[key] = content
        self._count(entry)
        return True

    def _claim(self, entry: Entry) -> None:
        contacts = [
            (column, value)
            for column, value in (("email", entry.email), ("phone", entry.phone))
            if value is not None
        ]
        for contact in contacts:
            if self._contacts.get(contact, entry.external_id) != entry.external_id:
                raise ImportedContactTaken(contact[0])
        if entry.coupon_code is not None and entry.coupon_code in self._codes:
            raise ImportedCodeTaken(entry.coupon_code)
        if entry.tier is not None:
            before = self._tiers.setdefault(entry.external_id, entry.tier)
            if before != entry.tier:
                raise ImportConflict(
                    "tier", f"an earlier row says {before}", f"文件中较早的行为 {before}"
                )
        self._contacts.update(dict.fromkeys(contacts, entry.external_id))
        if entry.coupon_code is not None:
            self._codes.add(entry.coupon_code)

    def _count(self, entry: Entry) -> None:
        totals = self.totals
        totals.rows += 1
        if entry.external_id not in self._members:
            self._members.add(entry.external_id)
            totals.members += 1
        for currency, amount in entry.balances.items():
            totals.balances[currency] += amount
            if currency in IN_LOTS:
                totals.by_month[currency, month_of(entry, self.programme)] += amount
        if entry.tier is not None:
            totals.tiers[entry.tier] += 1
        if entry.coupon is not None:
            totals.coupons[entry.coupon] += 1
