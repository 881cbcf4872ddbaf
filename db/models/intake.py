"""Which facts came in from outside?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class EventKey(Model):
    source = fields.TextField()
    key = TextKey(primary_key=True)
    member_id = fields.UUIDField()
    content_hash = fields.TextField()

    class Meta(Model.Meta):
        table = "event_key"


class Inbox(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    source = fields.TextField()
    event_id = fields.TextField()
    type = fields.TextField()
    subject = fields.TextField()
    data = fields.JSONField()
    occurred_at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    state = fields.TextField()
    attempts = fields.IntField()
    waits_for = fields.TextField(null=True)
    note = fields.TextField(null=True)
    processed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "inbox"
