"""Why may somebody not become a member, sign in, or change what is known of them?"""

from datetime import datetime
from typing import Literal

from kit.errors import NotFound, Refusal


class ContactTaken(Refusal):
    """Facts: `kind`, "email" or "phone"."""

    code = "CONTACT_TAKEN"
    zh = "该邮箱或手机号已被其他会员使用。"
    en = "Another member has this email address or phone number."

    def __init__(self, kind: Literal["email", "phone"]) -> None:
        super().__init__(kind=kind)


class SignInFailed(Refusal):
    """The same for an unknown contact, a member without a password and a wrong password."""

    code = "SIGN_IN_FAILED"
    zh = "账号或密码不正确。"
    en = "The contact or the password is wrong."


class BirthdayChangedRecently(Refusal):
    """Facts: `again_at`, the first instant of the next change."""

    code = "BIRTHDAY_CHANGED_RECENTLY"
    zh = "365 天内只能更改一次生日，{again_at} 之后可再次更改。"
    en = "A birthday may be changed once in 365 days, again from {again_at}."

    def __init__(self, again_at: datetime) -> None:
        super().__init__(again_at=again_at)


class TimezoneChangedRecently(Refusal):
    """Facts: `again_at`, the first instant of the next change."""

    code = "TIMEZONE_CHANGED_RECENTLY"
    zh = "30 天内只能更改一次时区，{again_at} 之后可再次更改。"
    en = "A time zone may be changed once in 30 days, again from {again_at}."

    def __init__(self, again_at: datetime) -> None:
        super().__init__(again_at=again_at)


class MemberMerged(Refusal):
    """Facts: `survivor_id`, the global id as which the member goes on."""

    code = "MEMBER_MERGED"
    zh = "该会员已与另一会员合并（{survivor_id}），请重试。"
    en = "This member was merged into another ({survivor_id}): try again."

    def __init__(self, survivor_id: str) -> None:
        super().__init__(survivor_id=survivor_id)


class MemberErased(NotFound):
    """Their personal data was erased: for whoever asks they are not there."""

    def __init__(self) -> None:
        super().__init__("member")
