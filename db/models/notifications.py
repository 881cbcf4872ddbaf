"""What was a member told, what became of it, and how do they want to be told?"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from db.models.fields import TextKey


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


class Delivery(Model):
    member_id = fields.UUIDField()
    notification_id = fields.UUIDField()
    channel = TextKey(primary_key=True)
    state = fields.TextField()
    reason = fields.TextField(null=True)
    attempts = fields.IntField()
    provider = fields.TextField(null=True)
    answer = fields.TextField(null=True)
    started_at = fields.DatetimeField(null=True)
    next_at = fields.DatetimeField(null=True)
    sent_at = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "delivery"


class Preference(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    muted = ArrayField("text")
    quiet_from_hour = fields.IntField(null=True)
    quiet_until_hour = fields.IntField(null=True)
    check_in_hour = fields.IntField(null=True)
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "preference"


class PushAddress(Model):
    token = TextKey(primary_key=True)
    member_id = fields.UUIDField()
    registered_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "push_address"
