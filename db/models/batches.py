"""Which long work did staff begin, and how far is it?"""

from tortoise import fields
from tortoise.models import Model


class Batch(Model):
    id = fields.UUIDField(primary_key=True, default=None)
    kind = fields.TextField()
    checksum = fields.TextField(null=True)
    parameters = fields.JSONField()
    state = fields.TextField()
    total = fields.BigIntField(null=True)
    done = fields.BigIntField()
    refused = fields.BigIntField()
    cursor = fields.TextField(null=True)
    report = fields.JSONField()
    attempts = fields.IntField()
    token = fields.BigIntField()
    run_at = fields.DatetimeField()
    created_by = fields.TextField()
    created_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    last_error = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "batch"


class BatchRow(Model):
    batch_id = fields.UUIDField()
    number = fields.BigIntField(primary_key=True, generated=False)
    data = fields.JSONField()

    class Meta(Model.Meta):
        table = "batch_row"
