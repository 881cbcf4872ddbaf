"""Which background work is due, running, done or dead?"""

from tortoise import fields
from tortoise.models import Model


class Job(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    kind = fields.TextField()
    key = fields.TextField()
    payload = fields.JSONField()
    state = fields.TextField()
    attempts = fields.IntField()
    token = fields.BigIntField()
    run_at = fields.DatetimeField()
    lease_until = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)
    last_error = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "job"


class ScheduleRun(Model):
    name = fields.TextField()
    period = fields.DatetimeField(primary_key=True, default=None)
    state = fields.TextField()
    attempts = fields.IntField()
    token = fields.BigIntField()
    run_at = fields.DatetimeField()
    lease_until = fields.DatetimeField(null=True)
    cursor = fields.TextField(null=True)
    progress = fields.BigIntField()
    started_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)
    last_error = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "schedule_run"
