"""Does the guide tell what is done by the clock, when, and in which order?"""

import re

from tests.tidy import sources
from workers.entries import ENTRIES
from workers.night import PHASES

GUIDE = sources.ROOT / "docs" / "guides" / "schedule.md"


def test_the_guide_tells_the_phases_in_their_order():
    told = re.findall(r"^\d+\. `([^`]+)`", GUIDE.read_text("utf-8"), flags=re.MULTILINE)
    assert told == [phase.name for phase in PHASES]


def test_the_guide_tells_when_each_entry_runs():
    told = re.findall(r"^\| `([^`]+)` \| `?([^|`]+)`? \|", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert [(name, when.strip()) for name, when in told] == [
        (entry.name, entry.cron) for entry in ENTRIES
    ]
