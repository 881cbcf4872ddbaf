"""How wide is a table? As the terminal; where there is none, as it needs to be."""

from rich.console import Console

PIPED_COLUMNS = 160


def wide_console() -> Console:
    """For stdout."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPED_COLUMNS)
