"""May one still sign up, and is it time to come in?"""

from datetime import datetime, timedelta

from domain.meetups.model import State
from domain.programme.model import Meetup
from domain.rewards.errors import Ended, NotStarted, WrongState

DOORS_OPEN = timedelta(hours=2)
COMES = frozenset({State.SEATED, State.WAITING})
"""Who comes, or would if there was a seat."""
CALLED_OFF, TAKES_PLACE = "CALLED_OFF", "TAKES_PLACE"


def check_open(meetup: Meetup, now: datetime) -> None:
    """Refuses WRONG_STATE (it was called off), ENDED."""
    _check_takes_place(meetup)
    until = meetup.sign_up_until or meetup.starts_at
    if now >= until:
        raise Ended(until)


def check_cancel(meetup: Meetup, state: str, now: datetime) -> None:
    """Refuses WRONG_STATE, ENDED."""
    if state not in COMES:
        raise WrongState(state, f"{State.SEATED}, {State.WAITING}")
    if now >= meetup.ends_at:
        raise Ended(meetup.ends_at)


def check_door(meetup: Meetup, state: str, now: datetime) -> None:
    """Doors open two hours before. Refuses WRONG_STATE, NOT_STARTED, ENDED."""
    _check_takes_place(meetup)
    if state != State.SEATED:
        raise WrongState(state, State.SEATED)
    opens_at = meetup.starts_at - DOORS_OPEN
    if now < opens_at:
        raise NotStarted(opens_at)
    if now >= meetup.ends_at:
        raise Ended(meetup.ends_at)


def _check_takes_place(meetup: Meetup) -> None:
    if meetup.called_off is not None:
        raise WrongState(CALLED_OFF, TAKES_PLACE)
