"""How does a rule say no? By a class with a stable code, facts, and words in both languages."""

from datetime import datetime
from typing import ClassVar

from kit.calendar import format_instant


class Refusal(Exception):
    """A rule said no. Nothing has changed; clients see the code, the message and the facts.

    Subclasses set `code`, `zh` and `en`; the texts are format strings over the facts.
    """

    code: ClassVar[str]
    zh: ClassVar[str]
    en: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts: dict[str, object] = facts

    def message(self, locale: str) -> str:
        """The member's words for it, instants to the minute; `locale` is "zh-CN" or "en"."""
        said = {
            name: format_instant(fact) if isinstance(fact, datetime) else fact
            for name, fact in self.facts.items()
        }
        return (self.zh if locale.startswith("zh") else self.en).format(**said)

    def __str__(self) -> str:
        return f"{self.code}: {self.message('en')}"


class Unauthenticated(Refusal):
    code = "UNAUTHENTICATED"
    zh = "请先登录。"
    en = "Sign in first."


class Forbidden(Refusal):
    code = "FORBIDDEN"
    zh = "您无权执行此操作。"
    en = "You may not do this."


class InvalidInput(Refusal):
    """The input's shape or value can't be; `path` names the field, outermost first."""

    code = "INVALID_INPUT"
    zh = "输入无效（{where}）：{reason_zh}"
    en = "Invalid input ({where}): {reason_en}"

    def __init__(self, path: list[str], reason_en: str, reason_zh: str | None = None) -> None:
        super().__init__(
            where=".".join(path), reason_en=reason_en, reason_zh=reason_zh or reason_en
        )
        self.path = path


class NotFound(Refusal):
    code = "NOT_FOUND"
    zh = "找不到：{what}。"
    en = "Not found: {what}."

    def __init__(self, what: str) -> None:
        super().__init__(what=what)


class MemberSuspended(Refusal):
    code = "MEMBER_SUSPENDED"
    zh = "该会员已被暂停。"
    en = "This member is suspended."


class IdempotencyKeyReused(Refusal):
    code = "IDEMPOTENCY_KEY_REUSED"
    zh = "该幂等键已用于另一请求。"
    en = "This idempotency key was used for another request."


class TooManyAttempts(Refusal):
    """Facts: `retry_after_seconds`, when the next attempt would be let through."""

    code = "TOO_MANY_ATTEMPTS"
    zh = "尝试次数过多，请在 {retry_after_seconds} 秒后重试。"
    en = "Too many attempts: try again in {retry_after_seconds} seconds."

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds=retry_after_seconds)
