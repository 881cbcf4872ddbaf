"""Is every wrong programme refused, with the line, the path and what is allowed?"""

import re
from pathlib import Path

import pytest

from domain.programme.errors import ProgrammeInvalid
from domain.programme.rules import parse

TEXT = Path(__file__).with_name("refusals.md").read_text(encoding="utf-8")
CASES = re.findall(r"```yaml\n(.*?)\n```\n([^\n]+)", TEXT, re.DOTALL)


def refused(text: str) -> list[str]:
    with pytest.raises(ProgrammeInvalid) as caught:
        parse(text)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(("text", "problem"), CASES, ids=[problem[:60] for _, problem in CASES])
def test_a_wrong_programme_is_refused_by_line_and_path_with_what_is_allowed(text, problem):
    assert refused(text) == [problem]


def test_the_cases_are_all_read():
    assert len(CASES) == TEXT.count("```yaml") > 0


def test_every_problem_is_listed_at_once_in_the_order_of_the_lines():
    text = (
        "zone: Nowhere\n"
        "growth: {per_yuan: 1}\n"
        "growth: {per_yuan: 1}\n"
        "points: {per_yuan: 0}\n"
        "check_in: {makeup: {price_points: 1}}\n"
    )
    assert [problem.split(": ")[:2] for problem in refused(text)] == [
        ["line 1", "zone"],
        ["line 3", "growth"],
        ["line 4", "points.per_yuan"],
        ["line 5", "check_in.makeup.price_points"],
    ]


def test_a_check_between_sections_is_left_out_while_one_of_them_can_not_be_read():
    text = (
        "coupons: [{code: TEN}]\n"
        "referral: {invitee_coupon: TEN}\n"
        "currency: RMB\n"
        "tiers: {score: {spend_full: 1}}\n"
    )
    assert [problem.split(":")[1].strip() for problem in refused(text)] == [
        "coupons[0].name",
        "currency",
    ]


def test_the_refusal_lists_its_problems_in_both_languages():
    with pytest.raises(ProgrammeInvalid) as caught:
        parse("zone: Nowhere")
    line = (
        'line 1: zone: "Nowhere" is not a time zone; allowed: an IANA zone, such as Asia/Shanghai'
    )
    assert caught.value.message("zh-CN") == f"方案文件有 1 处错误：\n{line}"
    assert caught.value.message("en") == f"The programme has 1 problem(s):\n{line}"
