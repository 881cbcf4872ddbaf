"""What do members say to each other, and whom and what do they like and follow?"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from db.models.fields import TextKey


class CommunityPost(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    kind = fields.TextField()
    topic = fields.TextField(null=True)
    body = fields.TextField()
    images = ArrayField("text")
    skus = ArrayField("text")
    purchase_id = fields.UUIDField(null=True)
    state = fields.TextField()
    like_count = fields.BigIntField()
    comment_count = fields.BigIntField()
    heat = fields.BigIntField()
    published_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    held_for = fields.TextField(null=True)
    report_count = fields.BigIntField()
    reviewed_at = fields.DatetimeField(null=True)
    picked_at = fields.DatetimeField(null=True)
    line_id = fields.TextField(null=True)
    rating = fields.IntField(null=True)
    accepted_id = fields.UUIDField(null=True)
    accepted_member_id = fields.UUIDField(null=True)
    accepted_silent_for = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "community_post"


class CommunityComment(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    post_member_id = fields.UUIDField()
    post_id = fields.UUIDField()
    parent_member_id = fields.UUIDField(null=True)
    parent_id = fields.UUIDField(null=True)
    body = fields.TextField()
    state = fields.TextField()
    like_count = fields.BigIntField()
    published_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    held_for = fields.TextField(null=True)
    report_count = fields.BigIntField()
    reviewed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "community_comment"


class CommunityLike(Model):
    member_id = fields.UUIDField()
    subject_id = fields.UUIDField(primary_key=True, default=None)
    subject_member_id = fields.UUIDField()
    subject_kind = fields.TextField()
    is_on = fields.BooleanField()
    changed_at = fields.DatetimeField()
    silent_for = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "community_like"


class CommunityFollow(Model):
    member_id = fields.UUIDField()
    followed_id = fields.UUIDField(primary_key=True, default=None)
    is_on = fields.BooleanField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "community_follow"


class CommunityBlock(Model):
    member_id = fields.UUIDField()
    blocked_id = fields.UUIDField(primary_key=True, default=None)
    is_on = fields.BooleanField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "community_block"


class HonourSetting(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    shows_badges = fields.BooleanField()
    shows_title = fields.BooleanField()
    shows_tier = fields.BooleanField()
    shows_growth = fields.BooleanField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "honour_setting"


class CommunityTopicFollow(Model):
    member_id = fields.UUIDField()
    topic = TextKey(primary_key=True)
    is_on = fields.BooleanField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "community_topic_follow"


class CommunityReceived(Model):
    member_id = fields.UUIDField()
    kind = fields.TextField()
    subject_id = fields.UUIDField()
    source_id = fields.UUIDField(primary_key=True, default=None)
    from_member_id = fields.UUIDField()
    is_on = fields.BooleanField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "community_received"


class CommunityProfile(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    follower_count = fields.BigIntField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "community_profile"


class CommunityReport(Model):
    member_id = fields.UUIDField()
    subject_id = fields.UUIDField(primary_key=True, default=None)
    subject_member_id = fields.UUIDField()
    subject_kind = fields.TextField()
    reason = fields.TextField()
    note = fields.TextField()
    has_voice = fields.BooleanField()
    reported_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "community_report"


class CommunityBan(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    actor = fields.TextField()
    reason = fields.TextField()
    begins_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    lifted_at = fields.DatetimeField(null=True)
    lifted_by = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "community_ban"


class CommunityAppeal(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    subject_kind = fields.TextField()
    subject_id = fields.UUIDField()
    text = fields.TextField()
    state = fields.TextField()
    appealed_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.TextField(null=True)
    answer = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "community_appeal"


class CommunityAction(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    actor = fields.TextField()
    action = fields.TextField()
    subject_kind = fields.TextField()
    subject_id = fields.UUIDField()
    reason = fields.TextField()
    recorded_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "community_action"


class CommunityMerit(Model):
    member_id = fields.UUIDField()
    kind = fields.TextField()
    subject_id = fields.UUIDField()
    source_id = fields.UUIDField(primary_key=True, default=None)
    state = fields.TextField()
    reason = fields.TextField(null=True)
    currency = fields.TextField()
    amount = fields.BigIntField()
    growth = fields.BigIntField()
    times = fields.IntField()
    decision_id = fields.UUIDField(null=True)
    happened_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "community_merit"


class CommunityLink(Model):
    token = TextKey(primary_key=True)
    member_id = fields.UUIDField()
    share_id = fields.UUIDField()

    class Meta(Model.Meta):
        table = "community_link"


class CommunityShare(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    token = fields.TextField()
    post_member_id = fields.UUIDField(null=True)
    post_id = fields.UUIDField(null=True)
    sku = fields.TextField(null=True)
    open_count = fields.BigIntField()
    shared_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "community_share"


class CommunityOpen(Model):
    member_id = fields.UUIDField()
    share_id = fields.UUIDField(primary_key=True, default=None)
    share_member_id = fields.UUIDField()
    opened_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "community_open"
