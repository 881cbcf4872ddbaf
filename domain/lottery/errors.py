"""Why can't a member draw, or a round be closed?"""

from kit.errors import Refusal


class LotteryClosed(Refusal):
    """Fact: `lottery`, the code of the one of which no round is open."""

    code = "LOTTERY_CLOSED"
    zh = "抽奖 {lottery} 目前没有开放的轮次。"
    en = "No round of the lottery {lottery} is open now."

    def __init__(self, lottery: str) -> None:
        super().__init__(lottery=lottery)
