"""Why can't one of the staff do this alone, or decide about it?"""

from datetime import datetime

from kit.errors import Refusal


class ApprovalRequired(Refusal):
    """Nothing was done: a proposal waits. Facts: its id, and until when it can be approved."""

    code = "APPROVAL_REQUIRED"
    zh = "超出您可单独操作的额度，已提交待他人批准（有效期至 {expires_at}）。"
    en = "You may not do this alone: another of the staff can approve it until {expires_at}."

    def __init__(self, proposal_id: str, expires_at: datetime) -> None:
        super().__init__(proposal_id=proposal_id, expires_at=expires_at)


class ProposalClosed(Refusal):
    """Fact: the `state` it is in."""

    code = "PROPOSAL_CLOSED"
    zh = "该申请已结束（{state}）。"
    en = "This proposal doesn't wait any more: it is {state}."

    def __init__(self, state: str) -> None:
        super().__init__(state=state)


class SecondPersonRequired(Refusal):
    """Who proposed it, or whom it is for, may not decide about it."""

    code = "SECOND_PERSON_REQUIRED"
    zh = "申请人或受益人不能审批，须由另一位员工处理。"
    en = "You proposed this, or it is for you: another of the staff has to decide."


class NotTheProposer(Refusal):
    """Only who made a proposal may withdraw it."""

    code = "NOT_THE_PROPOSER"
    zh = "只有申请人可以撤回该申请。"
    en = "Only who proposed this may withdraw it."


class StaffLimitReached(Refusal):
    """What can't be proposed, because another of the staff may just do it. Fact: the `limit`."""

    code = "STAFF_LIMIT_REACHED"
    zh = "您 24 小时内可单独发放的额度（{limit}）已用完，请由另一位员工处理。"
    en = (
        "You have used up what you may give alone within 24 hours ({limit}); another of the staff"
        " may do this."
    )

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)
