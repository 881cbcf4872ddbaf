"""Is an operator's own text refused where it couldn't be filled in, and does the guide list all?"""

import re
from pathlib import Path

import pytest

from domain.programme.errors import ProgrammeInvalid
from domain.programme.model.messages import KINDS
from domain.programme.rules import parse

GUIDE = Path("docs/guides/programme.md").read_text(encoding="utf-8")
FACTS = "allowed: the facts badge, nickname, programme, if, for and the filters join, length"


def problems(section: str) -> list[str]:
    with pytest.raises(ProgrammeInvalid) as caught:
        parse("notifications:\n" + section)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ points }}", "there is no points"),
        ("{{ badge.__class__ }}", "Getattr isn't allowed"),
        ("{{ 'a' * 9999999 }}", "Mul isn't allowed"),
    ],
)
def test_a_text_may_use_its_facts_and_little_else(text: str, found: str):
    section = f'  templates:\n    badge_awarded:\n      zh-CN: {{ title: "{text}" }}\n'
    place = "line 4: notifications.templates.badge_awarded.zh-CN.title"
    assert problems(section) == [f"{place}: {found}; {FACTS}"]


def test_there_is_no_such_message():
    (found,) = problems("  templates: { tier_lost: {} }\n")
    assert "is no message; allowed: one of welcome, birthday, check_in_reminder" in found


def test_there_is_no_such_channel():
    (found,) = problems("  channels: { welcome: [fax] }\n")
    assert found.endswith("allowed: one of in_app, email, sms, push")


def test_an_account_message_is_always_in_the_app():
    (found,) = problems("  channels: { tier_warned: [email] }\n")
    assert found == (
        "line 2: notifications.channels.tier_warned: an account message that isn't in the app;"
        " allowed: a list with in_app in it"
    )


def test_a_security_message_is_always_in_the_app_and_a_code_never_is():
    (found,) = problems("  channels: { new_device: [email] }\n")
    assert found.endswith("allowed: a list with in_app in it")
    for channels in ("[email, in_app]", "[push]", "[]"):
        (found,) = problems(f"  channels: {{ device_code: {channels} }}\n")
        assert found.endswith("allowed: a list of email, sms or both")


def test_a_text_has_its_bounds():
    (found,) = problems(f"  templates: {{ welcome: {{ en: {{ title: {'x' * 101} }} }} }}\n")
    assert found.endswith("at least 1, at most 100 characters")


def test_the_guide_lists_every_message_with_its_facts():
    rows = re.findall(
        r"^\| ([a-z_]+) \| (account|reminder|reward|security) \| (.*) \| (.*) \|$",
        GUIDE,
        re.MULTILINE,
    )
    assert rows == [
        (name.value, kind.class_.value, ", ".join(kind.channels), ", ".join(kind.example))
        for name, kind in KINDS.items()
    ]
