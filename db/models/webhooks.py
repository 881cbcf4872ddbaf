"""Where does a shop want to hear of facts, and what became of each?"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class WebhookEndpoint(Model):
    id = fields.UUIDField(primary_key=True, default=None)
    url = fields.TextField()
    description = fields.TextField()
    secret = fields.TextField()
    old_secret = fields.TextField(null=True)
    old_secret_until = fields.DatetimeField(null=True)
    event_types = ArrayField("text")
    created_at = fields.DatetimeField()
    created_by = fields.TextField()
    disabled_at = fields.DatetimeField(null=True)
    disabled_reason = fields.TextField(null=True)
    failing_since = fields.DatetimeField(null=True)
    paused_until = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "webhook_endpoint"


class WebhookEvent(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    type = fields.TextField()
    data = fields.JSONField()
    occurred_at = fields.DatetimeField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "webhook_event"


class WebhookDelivery(Model):
    member_id = fields.UUIDField()
    event_id = fields.UUIDField()
    endpoint_id = fields.UUIDField(primary_key=True, default=None)
    state = fields.TextField()
    attempts = fields.IntField()
    last_status = fields.IntField(null=True)
    last_error = fields.TextField(null=True)
    next_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "webhook_delivery"
