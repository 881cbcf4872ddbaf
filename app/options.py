"""Which options do several groups of commands have?"""

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Where `accrue dev` keeps its servers' data. [ACCRUE_DATA_DIR, or .accrue]",
        show_default=False,
        file_okay=False,
    ),
]
