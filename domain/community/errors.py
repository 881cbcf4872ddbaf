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


class TooManyFollows(Refusal):
    """Fact: `limit`, how many members one may follow."""

    code = "TOO_MANY_FOLLOWS"
    zh = "最多可关注 {limit} 位会员。"
    en = "You may follow {limit} members at most."

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class WordsRefused(Refusal):
    """Fact: `words`, those that can't be said."""

    code = "WORDS_REFUSED"
    zh = "内容包含不允许的词语：{words}。"
    en = "This can't be said here: {words}."

    def __init__(self, words: str) -> None:
        super().__init__(words=words)


class TooManyLinks(Refusal):
    """Facts: `links` that it has, and `limit`, how many this member may post."""

    code = "TOO_MANY_LINKS"
    zh = "内容含 {links} 个链接，目前最多 {limit} 个。"
    en = "It has {links} links; {limit} is the most for now."

    def __init__(self, links: int, limit: int) -> None:
        super().__init__(links=links, limit=limit)


class AlreadyReported(Refusal):
    """By this member."""

    code = "ALREADY_REPORTED"
    zh = "您已举报过该内容。"
    en = "You have reported this before."


class NothingToAppeal(Refusal):
    """It is to be seen, or no ban is in force."""

    code = "NOTHING_TO_APPEAL"
    zh = "没有可申诉的处理。"
    en = "There is nothing to appeal against."


class AlreadyAppealed(Refusal):
    """Fact: the appeal's `state`, OPEN or DISMISSED."""

    code = "ALREADY_APPEALED"
    zh = "您已申诉过（{state}）。"
    en = "You have appealed before ({state})."

    def __init__(self, state: str) -> None:
        super().__init__(state=state)


class InteractionRefused(Refusal):
    """Says neither who refuses nor why: that would tell somebody that they are blocked."""

    code = "INTERACTION_REFUSED"
    zh = "暂时无法进行此操作。"
    en = "That isn't possible here."


class TooManyBlocks(Refusal):
    """Fact: `limit`, how many members one may block."""

    code = "TOO_MANY_BLOCKS"
    zh = "最多可屏蔽 {limit} 位会员。"
    en = "You may block {limit} members at most."

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class NotBought(Refusal):
    """The member's order has no such line, or it was sent back."""

    code = "NOT_BOUGHT"
    zh = "只能评价自己购买且未退货的商品。"
    en = "Only what you bought and kept can be reviewed."


class AlreadyReviewed(Refusal):
    """By this member, this very line."""

    code = "ALREADY_REVIEWED"
    zh = "您已评价过该商品。"
    en = "You have reviewed this before."
