"""Who stands where in which contest, and who has won?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class ChallengeEntry(Model):
    member_id = fields.UUIDField()
    challenge = TextKey(primary_key=True)
    score = fields.BigIntField()
    reached_at = fields.DatetimeField(null=True)
    ranks = fields.BooleanField()
    settles_at = fields.DatetimeField(null=True)
    milestone = fields.BigIntField()
    joined_at = fields.DatetimeField(null=True)
    left_at = fields.DatetimeField(null=True)
    version = fields.BigIntField()
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "challenge_entry"


class ChallengeClose(Model):
    challenge = TextKey(primary_key=True)
    programme_version = fields.IntField()
    ends_at = fields.DatetimeField()
    begun_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "challenge_close"


class ChallengeResult(Model):
    member_id = fields.UUIDField()
    challenge = TextKey(primary_key=True)
    rank = fields.IntField()
    score = fields.BigIntField()
    closed_at = fields.DatetimeField()
    decision_id = fields.UUIDField(null=True)

    class Meta(Model.Meta):
        table = "challenge_result"


class LeaderboardName(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    shown = fields.TextField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "leaderboard_name"
