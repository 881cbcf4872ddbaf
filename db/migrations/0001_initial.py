from pathlib import Path

from tortoise.migrations.migration import Migration as TortoiseMigration

from db.declared import operations

_FOLDER = Path(__file__).parent


class Migration(TortoiseMigration):
    initial = True
    operations = operations(
        (_FOLDER / "0001_initial.sql").read_text("utf-8"),
        (_FOLDER / "0001_initial.down.sql").read_text("utf-8"),
    )
