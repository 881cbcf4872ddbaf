"""What was a member told?"""

from tortoise import fields
from tortoise.models import Model


class Notification(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    template = fields.TextField()
    cause = fields.TextField()
    facts = fields.JSONField()
    occurred_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "notification"
