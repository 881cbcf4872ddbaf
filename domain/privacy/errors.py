"""When is nothing shown or forgotten?"""

from kit.errors import Refusal


class FreshSignInNeeded(Refusal):
    """Facts: `minutes`, how old a token may be."""

    code = "FRESH_SIGN_IN_NEEDED"
    zh = "请输入密码，或在登录后 {minutes} 分钟内重试。"
    en = "Give the password, or sign in and try again within {minutes} minutes."

    def __init__(self, minutes: int) -> None:
        super().__init__(minutes=minutes)


class ExportTooLarge(Refusal):
    """Facts: `limit`, in bytes."""

    code = "EXPORT_TOO_LARGE"
    zh = "数据超过 {limit} 字节，无法在此下载，请联系客服。"
    en = "There are more than {limit} bytes: ask the shop, which can write them to a file."

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)
