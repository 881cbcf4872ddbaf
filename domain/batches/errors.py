"""Why can't a batch be stopped or resumed?"""

from kit.errors import Refusal


class BatchEnded(Refusal):
    """Fact: the batch's `state`."""

    code = "BATCH_ENDED"
    zh = "该批量任务已结束（{state}）。"
    en = "This batch has ended: it is {state}."

    def __init__(self, state: str) -> None:
        super().__init__(state=state)
