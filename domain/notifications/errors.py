"""Why can't a member be told as they ask?"""

from kit.errors import Refusal


class CannotBeMuted(Refusal):
    """Facts: `message_class` and `channel`."""

    code = "CANNOT_BE_MUTED"
    zh = "此类消息（{message_class}）不能在该渠道（{channel}）关闭。"
    en = "Messages of the class {message_class} can't be muted on the channel {channel}."

    def __init__(self, message_class: str, channel: str) -> None:
        super().__init__(message_class=message_class, channel=channel)
