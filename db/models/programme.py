"""Which version of the programme was in force, and when?"""

from tortoise import fields
from tortoise.models import Model


class ProgrammeVersion(Model):
    version = fields.IntField(primary_key=True, generated=False)
    digest = fields.TextField()
    document = fields.JSONField()
    effective_from = fields.DatetimeField()
    published_at = fields.DatetimeField()
    published_by = fields.TextField()

    class Meta(Model.Meta):
        table = "programme_version"
