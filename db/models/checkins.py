"""On which days did a member check in?"""

from tortoise import fields
from tortoise.models import Model


class CheckIn(Model):
    member_id = fields.UUIDField()
    day = fields.DateField(primary_key=True, default=None)
    streak_days = fields.IntField()
    points_awarded = fields.BigIntField()
    made_up = fields.BooleanField()
    occurred_at = fields.DatetimeField()
    decision_id = fields.UUIDField()

    class Meta(Model.Meta):
        table = "check_in"
