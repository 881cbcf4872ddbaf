"""Which badges has a member earned?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class Badge(Model):
    member_id = fields.UUIDField()
    code = TextKey(primary_key=True)
    decision_id = fields.UUIDField()
    awarded_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "badge"


class ChosenTitle(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    badge = fields.TextField()
    chosen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "chosen_title"
