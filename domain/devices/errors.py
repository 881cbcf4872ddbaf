"""Why may value not leave from here, or a device not be confirmed?"""

from kit.errors import Refusal


class NewDeviceLimit(Refusal):
    """Facts: `reason`, the `limit` of 24 hours and what of it is `left`, both in `currency`.

    Credit is in minor units.
    """

    code = "NEW_DEVICE_LIMIT"
    zh = "为保护您的账户，当前可使用的额度不足，请先验证身份。"
    en = "To protect your account so much can't leave from here yet: confirm that it is you."

    def __init__(self, reason: str, currency: str, *, limit: int, left: int) -> None:
        super().__init__(reason=reason, currency=currency, limit=limit, left=left)


class DeviceUnnamed(Refusal):
    code = "DEVICE_UNNAMED"
    zh = "请求未注明设备，无法确认。"
    en = "The request names no device, so that none can be confirmed."


class DeviceNotTrusted(Refusal):
    code = "DEVICE_NOT_TRUSTED"
    zh = "请先验证当前设备。"
    en = "Confirm the device that you are on first."


class NoContact(Refusal):
    code = "NO_CONTACT"
    zh = "没有可接收验证码的邮箱或手机号。"
    en = "There is no email address or phone number that a code could be sent to."


class CodeWrong(Refusal):
    """Fact: `tries_left` of this code."""

    code = "CODE_WRONG"
    zh = "验证码不正确，还可尝试 {tries_left} 次。"
    en = "The code is wrong; it may be tried {tries_left} more times."

    def __init__(self, tries_left: int) -> None:
        super().__init__(tries_left=tries_left)


class CodeExpired(Refusal):
    code = "CODE_EXPIRED"
    zh = "验证码已失效，请重新获取。"
    en = "There is no code that could be entered any more; ask for a new one."
