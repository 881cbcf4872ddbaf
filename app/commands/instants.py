"""How are instants and spans of time read from a command line?"""

import re
from datetime import datetime, timedelta

from app.commands.failing import BadInput

TTL_MAX = timedelta(days=366)
# Where the calendar ends, PostgreSQL's driver reads an instant back as infinity, without a zone.
YEAR_MIN, YEAR_MAX = 1970, 2999
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def instant(text: str) -> datetime:
    """ISO 8601 with a zone, from 1970 to 2999."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text} is no instant; write it as 2026-11-21T03:00:00Z") from None
    if found.tzinfo is None:
        raise BadInput(f"{text} lacks its zone; write it as {text}Z for UTC")
    if not YEAR_MIN <= found.year <= YEAR_MAX:
        raise BadInput(f"{text} is not within the years {YEAR_MIN} to {YEAR_MAX}")
    return found


def span(text: str) -> timedelta:
    """`30m`, `12h`, `7d`: from a second to a year."""
    parts = re.fullmatch(r"(\d{1,9})([smhd])", text)
    found = timedelta(**{_UNITS[parts[2]]: int(parts[1])}) if parts else timedelta()
    if not timedelta(seconds=1) <= found <= TTL_MAX:
        raise BadInput(f"{text} is no span from 1s to 366d; write it as 30m, 12h or 7d")
    return found
