"""Who is in the programme, and how is a member found and let in?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class Member(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    external_id = fields.TextField(null=True)
    nickname = fields.TextField()
    email = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    timezone = fields.TextField()
    next_timezone = fields.TextField(null=True)
    timezone_changed_at = fields.DatetimeField(null=True)
    locale = fields.TextField()
    referral_code = fields.TextField()
    device_hash = fields.TextField(null=True)
    joined_at = fields.DatetimeField()
    suspended_at = fields.DatetimeField(null=True)
    recorded_at = fields.DatetimeField()
    birthday = fields.DateField(null=True)
    birthday_set_at = fields.DatetimeField(null=True)
    birthday_changed_at = fields.DatetimeField(null=True)
    merged_into = fields.UUIDField(null=True)
    erased_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "member"


class Credential(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    password_hash = fields.TextField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "credential"


class Contact(Model):
    kind = fields.TextField()
    value = TextKey(primary_key=True)
    member_id = fields.UUIDField()

    class Meta(Model.Meta):
        table = "contact"


class ExternalId(Model):
    external_id = TextKey(primary_key=True)
    member_id = fields.UUIDField()

    class Meta(Model.Meta):
        table = "external_id"


class StaffAction(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    actor = fields.TextField()
    action = fields.TextField()
    reason = fields.TextField()
    recorded_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "staff_action"
