"""Who may call, and which answer did a call get the first time?"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from db.models.fields import TextKey


class ApiKey(Model):
    id = TextKey(primary_key=True)
    name = fields.TextField()
    digest = fields.TextField()
    scopes = ArrayField("text")
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "api_key"


class Idempotency(Model):
    member_id = fields.UUIDField()
    operation = fields.TextField()
    key = TextKey(primary_key=True)
    input_hash = fields.TextField()
    result = fields.JSONField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "idempotency"


class ServiceKey(Model):
    caller = fields.TextField()
    operation = fields.TextField()
    key = TextKey(primary_key=True)
    member_id = fields.UUIDField()
    input_hash = fields.TextField()
    result = fields.JSONField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "service_key"
