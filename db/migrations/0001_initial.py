from pathlib import Path

from tortoise.migrations.migration import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL

_FOLDER = Path(__file__).parent


class Migration(TortoiseMigration):
    initial = True
    operations = [
        RunSQL((_FOLDER / "0001_initial.sql").read_text(), (_FOLDER / "0001_initial.down.sql").read_text())
    ]
