"""Who invited whom, and how far has it come?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class ReferralCode(Model):
    code = TextKey(primary_key=True)
    member_id = fields.UUIDField()

    class Meta(Model.Meta):
        table = "referral_code"


class Referral(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    inviter_id = fields.UUIDField()
    code = fields.TextField()
    state = fields.TextField()
    bound_at = fields.DatetimeField()
    qualified_at = fields.DatetimeField(null=True)
    rewarded_at = fields.DatetimeField(null=True)
    purchase_id = fields.UUIDField(null=True)
    programme_version = fields.IntField()
    bound_as = fields.UUIDField()

    class Meta(Model.Meta):
        table = "referral"


class Invitation(Model):
    member_id = fields.UUIDField()
    invitee_id = fields.UUIDField(primary_key=True, default=None)
    state = fields.TextField()
    points = fields.BigIntField()
    bound_at = fields.DatetimeField()
    qualified_at = fields.DatetimeField(null=True)
    rewarded_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "invitation"


class Fingerprint(Model):
    kind = fields.TextField()
    digest = fields.TextField()
    member_id = fields.UUIDField(primary_key=True, default=None)
    seen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "fingerprint"


class ReferralReview(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    id = fields.UUIDField()
    inviter_id = fields.UUIDField()
    state = fields.TextField()
    reasons = fields.JSONField()
    opened_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)
    resolved_by = fields.TextField(null=True)
    note = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "referral_review"
