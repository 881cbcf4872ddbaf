"""Why may a member not be bound to an inviter?"""

from kit.errors import Refusal


class OwnCode(Refusal):
    code = "OWN_CODE"
    zh = "不能使用自己的邀请码。"
    en = "This is your own code."


class CircularReferral(Refusal):
    """The inviter was invited by this member, directly or through others."""

    code = "CIRCULAR"
    zh = "邀请关系不能循环：该会员是由您邀请而来的。"
    en = "Invitations can't go in a circle: this member was invited by you."


class AlreadyBound(Refusal):
    code = "ALREADY_BOUND"
    zh = "您已绑定邀请人，不能更改。"
    en = "You have an inviter already; the first one stays."


class BindingTooLate(Refusal):
    """`days` after joining, or after the first paid order."""

    code = "TOO_LATE"
    zh = "邀请码须在加入后 {days} 天内、首个付款订单之前填写。"
    en = "A code can be entered within {days} days of joining and before the first paid order."


class SameDevice(Refusal):
    code = "SAME_DEVICE"
    zh = "邀请人与被邀请人使用同一设备。"
    en = "Inviter and invitee use the same device."


class SameContact(Refusal):
    code = "SAME_CONTACT"
    zh = "邀请人与被邀请人的邮箱或手机号相同。"
    en = "Inviter and invitee have the same email address or phone number."


class SamePayment(Refusal):
    code = "SAME_PAYMENT"
    zh = "邀请人与被邀请人使用同一支付方式。"
    en = "Inviter and invitee pay by the same means."


class ReviewResolved(Refusal):
    """`state`: APPROVED or REJECTED."""

    code = "REVIEW_RESOLVED"
    zh = "该邀请已复核（{state}），不能再更改。"
    en = "This referral has been reviewed already: {state}."
