"""What may one of the staff do alone, and who may decide about the rest? Pure."""

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta

from domain.programme.model import Programme
from domain.staff.errors import NotTheProposer, ProposalClosed, SecondPersonRequired
from domain.staff.model import Proposal, State, Unit
from kit.errors import InvalidInput

WINDOW = timedelta(hours=24)
NOTE_LENGTH_MAX = 500


def person_of(subject: str) -> str:
    """The one person behind a subject: `Ada`, `ada` and `ａｄａ ` are the same."""
    return unicodedata.normalize("NFKC", subject).strip().casefold()


def limits(unit: Unit, programme: Programme) -> tuple[int | None, int]:
    """What one may do alone at once (None: no limit but that of the day), and within 24 hours."""
    alone = programme.adjustments.alone
    return {
        Unit.POINTS: (alone.points, alone.points_per_day),
        Unit.CREDIT: (alone.credit_minor, alone.credit_per_day_minor),
        Unit.COUPONS: (None, alone.coupons_per_day),
        Unit.VOUCHERS: (None, alone.vouchers_per_day),
    }[unit]


def fits(unit: Unit, amount: int, spent: int, programme: Programme) -> bool:
    """Whether it may be done alone by who did `spent` within the last 24 hours.

    What is given and what is taken count alike: after +600 and -300 a limit of 1,000 leaves 100.
    """
    at_once, a_day = limits(unit, programme)
    return (at_once is None or abs(amount) <= at_once) and spent + abs(amount) <= a_day


def is_own(subject: str, names: Collection[str | None]) -> bool:
    """Whether who acts is the member of these names (id, customer id, email), if they tell."""
    return person_of(subject) in {person_of(name) for name in names if name}


def valid_note(note: str) -> str:
    """Why it was decided so, 1 to 500 characters. Refuses INVALID_INPUT."""
    trimmed = note.strip()
    if not 1 <= len(trimmed) <= NOTE_LENGTH_MAX or not trimmed.replace("\n", " ").isprintable():
        raise InvalidInput(
            ["note"],
            f"a note has 1 to {NOTE_LENGTH_MAX} printable characters",
            f"说明应为 1 至 {NOTE_LENGTH_MAX} 个可见字符",
        )
    return trimmed


def check_open(proposal: Proposal, now: datetime) -> None:
    """Refuses PROPOSAL_CLOSED."""
    state = proposal.state_at(now)
    if state != State.PENDING:
        raise ProposalClosed(state)


def check_second(proposal: Proposal, subject: str) -> None:
    """Refuses SECOND_PERSON_REQUIRED to who proposed it, by whatever token."""
    if person_of(subject) == person_of(proposal.proposed_by):
        raise SecondPersonRequired


def check_proposer(proposal: Proposal, subject: str) -> None:
    """Refuses NOT_THE_PROPOSER."""
    if person_of(subject) != person_of(proposal.proposed_by):
        raise NotTheProposer


def reason_code(code: str | None, programme: Programme) -> str:
    """The code that was named, or the programme's default. Refuses INVALID_INPUT."""
    found = code or programme.adjustments.reason_default
    known = [reason.code for reason in programme.adjustments.reasons]
    if found not in known:
        named = ", ".join(known)
        raise InvalidInput(["input", "reasonCode"], f"one of {named}", f"应为以下之一：{named}")
    return found
