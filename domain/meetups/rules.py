"""May one still sign up, and is it time to come in?"""

from datetime import datetime, timedelta

from domain.meetups.model import State
from domain.programme.model import Meetup
from domain.rewards.errors import Ended, NotStarted, WrongState

DOORS_OPEN = timedelta(hours=2)


def check_open(meetup: Meetup, now: datetime) -> None:
    """Refuses ENDED."""
    until = meetup.sign_up_until or meetup.starts_at
    if now >= until:
        raise Ended(until)


def check_cancel(meetup: Meetup, state: str, now: datetime) -> None:
    """Refuses WRONG_STATE, ENDED."""
    if state not in {State.SEATED, State.WAITING}:
        raise WrongState(state, f"{State.SEATED}, {State.WAITING}")
    if now >= meetup.ends_at:
        raise Ended(meetup.ends_at)


def check_door(meetup: Meetup, state: str, now: datetime) -> None:
    """Doors open two hours before. Refuses WRONG_STATE, NOT_STARTED, ENDED."""
    if state != State.SEATED:
        raise WrongState(state, State.SEATED)
    opens_at = meetup.starts_at - DOORS_OPEN
    if now < opens_at:
        raise NotStarted(opens_at)
    if now >= meetup.ends_at:
        raise Ended(meetup.ends_at)
