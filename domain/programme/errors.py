"""Why is a programme refused?"""

from dataclasses import dataclass

from kit.errors import Refusal


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where in the document, what it is, and what would be right."""

    path: str
    message: str
    allowed: str
    line: int

    def __str__(self) -> str:
        where = f"line {self.line}: {self.path}" if self.path else f"line {self.line}"
        return f"{where}: {self.message}; allowed: {self.allowed}"


class ProgrammeInvalid(Refusal):
    """Every problem of the document, in the order of its lines."""

    code = "PROGRAMME_INVALID"
    zh = "方案文件有 {count} 处错误：\n{listed}"
    en = "The programme has {count} problem(s):\n{listed}"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(count=len(problems), listed="\n".join(map(str, problems)))
        self.problems = problems


class NothingPublished(Refusal):
    code = "NOTHING_PUBLISHED"
    zh = "尚未发布任何方案。"
    en = "No programme has been published yet."


class CurrencyFixed(Refusal):
    """Facts: `currency`, the one that every version has."""

    code = "CURRENCY_FIXED"
    zh = "方案的货币已固定为 {currency}。"
    en = "The programme's currency is fixed: {currency}."


class TierInUse(Refusal):
    """Facts: `tiers`, which the new version lacks and members are on, or may be until it starts."""

    code = "TIER_IN_USE"
    zh = "有会员处于或在生效前可能升至以下等级，不能删除：{tiers}。"
    en = "Members are on these tiers, or may be by then, and the programme lacks them: {tiers}."
