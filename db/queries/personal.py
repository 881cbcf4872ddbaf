"""Which tables hold something of a member? What an export shows of each, and what erasure does.

Every table with a `member_id` stands here (a test holds that), so that a new one says what it is.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """What becomes of the rows of who is erased.

    KEEP: they say nothing of a person without the member's row. DELETE. BLANK: columns lose what
    they say. OWN: a statement of `db.queries.privacy` knows which of them go.
    """

    KEEP = "KEEP"
    DELETE = "DELETE"
    BLANK = "BLANK"
    OWN = "OWN"


@dataclass(frozen=True, slots=True)
class Personal:
    """`section`: its name in an export, `by`: in which order. `hides`: columns not shown.

    Those are secrets, hashes, and who else had to do with it. `blanks`: what columns become, of
    decisions what each input becomes by kind. `holds`: whether who reads it learns about a person.
    `hides_inputs`: of decisions, what else isn't shown.
    """

    section: str
    by: str
    fate: Fate = Fate.KEEP
    hides: tuple[str, ...] = ()
    blanks: dict[str, Any] | None = None
    hides_inputs: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.fate != Fate.KEEP


def _deleted(section: str, by: str, *hides: str) -> Personal:
    return Personal(section, by, Fate.DELETE, hides)


def _blanked(section: str, by: str, *hides: str, **blanks: object) -> Personal:
    return Personal(section, by, Fate.BLANK, hides, blanks)


WORDS = "…"
"""What stands where words stood and some must."""

CATALOGUE: dict[str, Personal] = {
    # Who they are.
    "member": Personal("profile", "member_id", Fate.OWN, ("device_hash",)),
    "contact": _deleted("contacts", "kind"),
    "external_id": _deleted("customerIds", "external_id"),
    "referral_code": _deleted("referralCodes", "code"),
    "credential": _deleted("password", "changed_at", "password_hash"),
    "alias": Personal("formerMemberships", "number", hides=("number",)),
    "merge": _blanked("merges", "merged_at", "wallets", "moved", "standing", moved={}),
    "erasure": Personal("erasures", "erased_at", hides=("erased_by",)),
    "staff_action": _blanked("actionsOfStaff", "id", "actor", reason=""),
    # Amounts and ids only; the words stand in the two around it.
    "staff_act": Personal(
        "actsOfStaff", "recorded_at, seq", hides=("person", "seq", "actor", "alone_total", "hash")
    ),
    "staff_proposal": _blanked(
        "proposalsOfStaff",
        "id",
        *("proposed_by", "decided_by", "key", "note", "terms"),
        reason="",
        note=None,
    ),
    "member_tag": _deleted("tags", "tag", "tagged_by"),
    # What they have. Names of staff and of callers are others' data.
    "wallet": Personal("balances", "currency", hides=("head",)),
    "transfer": Personal("movements", "currency, seq", hides=("hash",)),
    "lot": Personal("lots", "currency, id"),
    "lot_move": Personal("lotMovements", "currency, seq, position"),
    "hold": Personal("holds", "created_at, id"),
    "decision": Personal(
        "decisions",
        "recorded_at, id",
        Fate.BLANK,
        ("key",),
        {
            "adjustment": {"reason": ""},
            "credit_grant": {"reason": ""},
            "draw": {"client_seed": ""},
            # Its key has the customer's id, and becomes the decision's own.
            "opening_balance": {},
        },
        hides_inputs=("by", "approved_by"),
    ),
    "usage": Personal("limits", "code, period"),
    "standing": Personal("tier", "member_id"),
    "tier_change": Personal("tierChanges", "occurred_at, id"),
    "badge": Personal("badges", "awarded_at, code"),
    "chosen_title": _deleted("title", "chosen_at"),
    "coupon": Personal("coupons", "issued_at, id"),
    "coupon_code": Personal("couponCodes", "code"),
    "voucher": Personal("vouchers", "redeemed_at, batch_id", hides=("digest",)),
    "gift": Personal("gifts", "given_at, kind, code"),
    "redemption": Personal("redemptions", "created_at, id"),
    "reward_code": Personal("rewardCodes", "pool, code"),
    "draw": _blanked("draws", "drawn_at, id", client_seed=""),
    # From where they take it. A device's id is the hash of its name.
    "device": _deleted("knownDevices", "first_seen_at, id", "id"),
    "presence": _deleted("presence", "member_id"),
    "device_code": _deleted("codesForDevices", "asked_at", "id", "device_id"),
    "device_taking": _deleted("takenUnderALimit", "taken_at, id", "device_id"),
    # What they did.
    "purchase": Personal("orders", "paid_at, id"),
    "refund": Personal("refunds", "occurred_at, id"),
    "checkout": Personal("checkouts", "opened_at, id", hides=("opened_by", "input_hash", "digest")),
    "check_in": Personal("checkIns", "day"),
    "task_progress": Personal("tasks", "task, period"),
    "quiz_attempt": Personal("quizAttempts", "started_at, id"),
    "challenge_entry": Personal("challenges", "challenge"),
    "challenge_result": Personal("challengeResults", "challenge"),
    "leaderboard_name": _deleted("leaderboardName", "changed_at"),
    "referral": Personal("invitedBy", "bound_at", hides=("inviter_id", "bound_as")),
    "invitation": Personal("invitations", "bound_at, state", hides=("invitee_id",)),
    "referral_review": _blanked(
        "reviewsOfInvitations",
        "opened_at",
        "inviter_id",
        "reasons",
        "resolved_by",
        note=None,
    ),
    # Keyed hashes, which end by themselves: who comes again for a welcome is known by them.
    "fingerprint": Personal("marks", "seen_at, kind, digest", hides=("digest",)),
    # What the shop told, and what was answered.
    "inbox": _blanked("eventsOfTheShop", "received_at, id", data={}, subject="", note=None),
    "event_key": Personal("eventKeys", "source, key", hides=("content_hash",)),
    "idempotency": _deleted("requests", "created_at, operation, key", "input_hash", "result"),
    "service_key": _deleted(
        "requestsAboutThem", "created_at, operation, key", "caller", "input_hash", "result"
    ),
    # What they are told, and others of them.
    "notification": Personal("notifications", "created_at, id", Fate.OWN),
    "delivery": _deleted("deliveries", "changed_at, notification_id, channel"),
    "preference": _deleted("preferences", "changed_at"),
    "push_address": _deleted("devices", "registered_at", "token"),
    "webhook_event": Personal("toldToTheShop", "created_at, id", Fate.OWN),
    "webhook_delivery": Personal(
        "sentToTheShop", "created_at, event_id, endpoint_id", Fate.OWN, ("endpoint_id",)
    ),
    "job": Personal("workThatWaits", "created_at, id", Fate.OWN, ("payload", "key", "token")),
    # What they say and like. Content goes or stays as the member chooses.
    "community_post": Personal("posts", "published_at, id", Fate.OWN),
    "community_comment": Personal(
        "comments", "published_at, id", Fate.OWN, ("post_member_id", "parent_member_id")
    ),
    "community_like": _deleted("likes", "changed_at, subject_id", "subject_member_id"),
    "community_follow": _deleted("followedMembers", "changed_at, followed_id"),
    "honour_setting": _deleted("honoursShown", "changed_at"),
    "community_block": _deleted("blockedMembers", "changed_at, blocked_id"),
    "community_topic_follow": _deleted("followedTopics", "topic"),
    "community_received": Personal(
        "attention", "changed_at, kind, subject_id", hides=("from_member_id", "source_id")
    ),
    "community_merit": Personal(
        "earnedForContent", "happened_at, kind, subject_id", hides=("source_id",)
    ),
    "community_share": _deleted("sharedLinks", "shared_at, id", "token", "post_member_id"),
    "community_link": _deleted("addressesOfLinks", "share_id", "token"),
    "community_open": _deleted("openedLinks", "opened_at, share_id", "share_member_id"),
    "meetup_sign_up": Personal("meetups", "position, meetup", hides=("ticket", "checked_in_by")),
    "meetup_ticket": _deleted("tickets", "meetup", "ticket"),
    "community_profile": Personal("followers", "changed_at"),
    "community_report": _blanked(
        "reports", "reported_at, subject_id", "subject_member_id", note=""
    ),
    "community_ban": _blanked("bans", "begins_at, id", "actor", "lifted_by", reason=""),
    "community_appeal": _blanked(
        "appeals", "appealed_at, id", "decided_by", text=WORDS, answer=None
    ),
    "community_action": _blanked("moderation", "recorded_at, id", "actor", reason=""),
}
