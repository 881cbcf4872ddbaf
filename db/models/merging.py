"""Who was merged with whom, and as whom does a merged member go on?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class Alias(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    survivor_id = fields.UUIDField()
    number = fields.BigIntField()
    is_erased = fields.BooleanField(default=False)

    class Meta(Model.Meta):
        table = "alias"


class Merge(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    absorbed_id = fields.UUIDField()
    merged_at = fields.DatetimeField()
    unmerged_at = fields.DatetimeField(null=True)
    wallets = fields.JSONField()
    moved = fields.JSONField()
    standing = fields.JSONField()

    class Meta(Model.Meta):
        table = "merge"


class Movable(Model):
    name = TextKey(primary_key=True)

    class Meta(Model.Meta):
        table = "movable"
