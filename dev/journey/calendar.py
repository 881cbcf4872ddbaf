"""When did a household shop, if the last basket of all was yesterday's?

The package's times are UTC of a year long past. Every basket moves by the same number of whole
days on the shop's own clock, so that an evening stays an evening.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHOP_ZONE = ZoneInfo("America/New_York")
LAST_DAY = date(2017, 12, 31)


@dataclass(frozen=True, slots=True)
class Shift:
    """`days` lie between a basket of the package and the same one as an event."""

    days: int

    @classmethod
    def ending_yesterday(cls, now: datetime) -> "Shift":
        """The last basket of all was paid on the day before `now`'s, in the shop's zone."""
        today = now.astimezone(SHOP_ZONE).date()
        return cls((today - LAST_DAY).days - 1)

    @classmethod
    def between(cls, original: datetime, shifted: datetime) -> "Shift":
        """The one that an earlier import had used."""
        return cls((_local(shifted).date() - _local(original).date()).days)

    def apply(self, original: datetime) -> datetime:
        """The instant of an event, in UTC."""
        local = _local(original) + timedelta(days=self.days)
        return local.replace(tzinfo=SHOP_ZONE).astimezone(UTC)


def _local(at: datetime) -> datetime:
    """Wall clock of the shop, without a zone."""
    return at.astimezone(SHOP_ZONE).replace(tzinfo=None)
