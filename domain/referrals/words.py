"""How is said why staff should look at a referral?"""

from domain.referrals.model import Suspicion

_ZH = {
    "SAME_ADDRESS": "与邀请人地址相同",
    "MANY_A_DAY": "邀请人当日第 {count} 次邀请（上限 {limit} 次）",
    "SHARED_DEVICE": "该设备有 {count} 名会员（上限 {limit} 名）",
    "SHARED_PAYMENT": "该支付方式有 {count} 名会员（上限 {limit} 名）",
    "SHARED_CONTACT": "该邮箱或手机号有 {count} 名会员（上限 {limit} 名）",
    "RING": "{count} 名会员的邀请形成闭环",
    "CHAIN": "{count} 名会员只依次互相邀请，各至多下单一次",
    "INVITEE_ERASED": "好友已注销，订单仍可退款",
    "SAME_DEVICE": "与邀请人使用同一设备",
    "SAME_CONTACT": "与邀请人的邮箱或手机号相同",
    "SAME_PAYMENT": "与邀请人使用同一支付方式",
}
_EN = {
    "SAME_ADDRESS": "The inviter has the same address",
    "MANY_A_DAY": "The inviter's invitation number {count} of that day ({limit} pass)",
    "SHARED_DEVICE": "{count} members on this device ({limit} pass)",
    "SHARED_PAYMENT": "{count} members pay by this means ({limit} pass)",
    "SHARED_CONTACT": "{count} members have this mailbox or number ({limit} passes)",
    "RING": "{count} members whose invitations come back to where they began",
    "CHAIN": "{count} members who invited one another in turn and bought once at most",
    "INVITEE_ERASED": "The friend was erased while their order could still be sent back",
    "SAME_DEVICE": "The inviter uses the same device",
    "SAME_CONTACT": "The inviter has the same email address or phone number",
    "SAME_PAYMENT": "The inviter pays by the same means",
}


def reason(suspicion: Suspicion, locale: str) -> str:
    """In the words of whoever looks; `locale` is "zh-CN" or "en"."""
    words = _ZH if locale.startswith("zh") else _EN
    return words[suspicion.code].format(count=suspicion.count, limit=suspicion.limit)
