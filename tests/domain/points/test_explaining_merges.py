"""Does a member read whose points these were?"""

import pytest

from domain.points.explain import explain
from domain.points.model import StoredDecision


@pytest.mark.parametrize(
    ("movement", "kind", "zh", "en"),
    [
        (
            "merge_in",
            "merge",
            "会员账号与「小红」合并。50 积分转入。（会员计划第 1 版）",
            (
                "The membership was merged with that of 小红. 50 points came over."
                " (Programme version 1.)"
            ),
        ),
        (
            "merge_out",
            "unmerge",
            "与「小红」的会员账号合并已撤销。50 积分转出。（会员计划第 1 版）",
            (
                "The merge with the membership of 小红 was undone. 50 points went over."
                " (Programme version 1.)"
            ),
        ),
        (
            "merge_debt",
            "merge",
            "会员账号与「小红」合并。50 积分欠分一并转移。（会员计划第 1 版）",
            (
                "The membership was merged with that of 小红. A debt of 50 points went along."
                " (Programme version 1.)"
            ),
        ),
    ],
)
def test_an_entry_of_a_merge_says_whose_it_was(movement, kind, zh, en):
    inputs = {"with": "小红", "member": "m"}
    decision = StoredDecision(kind=kind, programme_version=1, inputs=inputs, outcome={})
    assert explain(movement, 50, decision, locale="zh-CN") == zh
    assert explain(movement, 50, decision, locale="en") == en
