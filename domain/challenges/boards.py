"""Where is the board that answers at once? In a cache that the process was given, or nowhere."""

from domain.challenges.model import Boards


class _State:
    boards: Boards | None = None


_state = _State()


def use(boards: Boards | None) -> None:
    """Ask and tell `boards`; None: PostgreSQL answers."""
    _state.boards = boards


def current() -> Boards | None:
    return _state.boards
