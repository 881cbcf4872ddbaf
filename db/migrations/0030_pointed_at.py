from pathlib import Path

from tortoise.migrations.migration import Migration as TortoiseMigration

from db.config import APP
from db.declared import RunTables

_UP = Path(__file__).with_suffix(".sql")
_DOWN = Path(__file__).with_suffix(".down.sql")


class Migration(TortoiseMigration):
    dependencies = [(APP, "0029_devices"), (APP, "0029_movable")]
    operations = [RunTables(_UP.read_text("utf-8"), _DOWN.read_text("utf-8"))]
