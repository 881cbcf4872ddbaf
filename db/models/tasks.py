"""Which targets have members reached, and which quizzes have they tried?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class TaskProgress(Model):
    member_id = fields.UUIDField()
    task = fields.TextField()
    period = TextKey(primary_key=True)
    progress = fields.BigIntField()
    target = fields.BigIntField()
    state = fields.TextField()
    completed_at = fields.DatetimeField()
    settles_at = fields.DatetimeField(null=True)
    awaits_word = fields.BooleanField()
    times_rewarded = fields.IntField()
    decision_id = fields.UUIDField(null=True)
    programme_version = fields.IntField()
    updated_at = fields.DatetimeField()
    is_final = fields.BooleanField()

    class Meta(Model.Meta):
        table = "task_progress"


class QuizAttempt(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    task = fields.TextField()
    day = fields.DateField()
    programme_version = fields.IntField()
    started_at = fields.DatetimeField()
    answers = fields.JSONField(null=True)
    right_count = fields.IntField(null=True)
    is_passed = fields.BooleanField(null=True)
    answered_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "quiz_attempt"


class MemberTag(Model):
    member_id = fields.UUIDField()
    tag = TextKey(primary_key=True)
    tagged_by = fields.TextField()
    tagged_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "member_tag"


class TaskBackfill(Model):
    version = fields.IntField(primary_key=True, generated=False)
    last_member_id = fields.UUIDField(null=True)
    done_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "task_backfill"
