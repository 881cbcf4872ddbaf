"""What is told of what members say, what the staff does about it, and who comes to a meetup?"""

from db.changes import value_of
from domain.webhooks.model import EventType
from domain.webhooks.telling import Told, Written
from kit.ids import global_id

_ACTIONS = {
    "HELD": EventType.CONTENT_HELD,
    "HIDDEN": EventType.CONTENT_HIDDEN,
    "RESTORED": EventType.CONTENT_RESTORED,
    "PICKED": EventType.CONTENT_PICKED,
    "BANNED": EventType.COMMUNITY_BANNED,
    "BAN_LIFTED": EventType.COMMUNITY_BAN_LIFTED,
}
_IDS = {"POST": "Post", "COMMENT": "Comment", "BAN": "CommunityBan"}


def post(row: object, written: Written) -> Told | None:
    """Told once, with the state that it begins with."""
    del written
    at = value_of(row, "published_at")
    if value_of(row, "changed_at") != at or value_of(row, "like_count"):
        return None
    member_id, post_id = value_of(row, "member_id"), value_of(row, "id")
    data = {
        "postId": global_id("Post", member_id, post_id),
        "kind": value_of(row, "kind"),
        "state": value_of(row, "state"),
        "topic": value_of(row, "topic"),
        "skus": value_of(row, "skus"),
        "rating": value_of(row, "rating"),
    }
    return Told(EventType.POST_PUBLISHED, member_id, str(post_id), at, data)


def action(row: object, written: Written) -> Told | None:
    """What was done about content or its author, by whom of the staff or by the engine."""
    del written
    kind = _ACTIONS.get(value_of(row, "action"))
    if kind is None:
        return None
    member_id = value_of(row, "member_id")
    name = _IDS[value_of(row, "subject_kind")]
    data = {
        "subjectId": global_id(name, member_id, value_of(row, "subject_id")),
        "actor": value_of(row, "actor"),
        "reason": value_of(row, "reason"),
    }
    return Told(kind, member_id, str(value_of(row, "id")), value_of(row, "recorded_at"), data)


def sign_up(row: object, written: Written) -> Told:
    del written
    kind = EventType(f"meetup.{value_of(row, 'state').lower()}")
    member_id, meetup = value_of(row, "member_id"), value_of(row, "meetup")
    position, at = value_of(row, "position"), value_of(row, "changed_at")
    data = {"meetup": meetup, "position": position}
    return Told(kind, member_id, f"{meetup}:{position}", at, data)
