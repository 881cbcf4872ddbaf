"""With which devices was a member seen, and what left from those that aren't trusted?"""

from tortoise import fields
from tortoise.models import Model


class Device(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    first_seen_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    trusted_at = fields.DatetimeField(null=True)
    trusted_by = fields.TextField(null=True)
    forgotten_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "device"


class Presence(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    active_at = fields.DatetimeField(null=True)
    woke_at = fields.DatetimeField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    alarmed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "presence"


class DeviceCode(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    id = fields.UUIDField()
    device_id = fields.UUIDField(null=True)
    asked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    tries = fields.IntField()
    used_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "device_code"


class DeviceTaking(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    currency = fields.TextField()
    amount = fields.BigIntField()
    reason = fields.TextField()
    device_id = fields.UUIDField(null=True)
    taken_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "device_taking"
