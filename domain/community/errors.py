"""Why may somebody not say or do that here?"""

from kit.errors import Refusal


class OwnContent(Refusal):
    """It is the member's own."""

    code = "OWN_CONTENT"
    zh = "不能对自己或自己的内容这样做。"
    en = "This is yours: only others may do that."


class ReplyTooDeep(Refusal):
    """It answers an answer; there are two levels."""

    code = "REPLY_TOO_DEEP"
    zh = "评论最多两级，请回复上一级评论。"
    en = "Comments have two levels: answer the comment above."


class LevelTooLow(Refusal):
    """Fact: `required`, the code of the lowest community level that may."""

    code = "LEVEL_TOO_LOW"
    zh = "社区等级不足，需要达到 {required}。"
    en = "This needs community level {required} or higher."

    def __init__(self, required: str) -> None:
        super().__init__(required=required)


class TooManyFollows(Refusal):
    """Fact: `limit`, how many members one may follow."""

    code = "TOO_MANY_FOLLOWS"
    zh = "最多可关注 {limit} 位会员。"
    en = "You may follow {limit} members at most."

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)
