"""Which facts are refused?"""

from kit.errors import Refusal


class ConflictingEvent(Refusal):
    """Facts: `key`, what the two have in common."""

    code = "CONFLICTING_EVENT"
    zh = "与此前收到的事件内容不一致（{key}）。"
    en = "This differs from what was recorded before under the same key ({key})."


class TooManyEvents(Refusal):
    """Facts: `limit`, events in one call."""

    code = "TOO_MANY_EVENTS"
    zh = "一次最多 {limit} 个事件。"
    en = "At most {limit} events at once."
