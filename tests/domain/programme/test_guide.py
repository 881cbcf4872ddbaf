"""Does the operator's guide state the defaults that the model has?"""

import json
import re
from pathlib import Path
from typing import Any

from domain.programme.model import Programme
from domain.programme.rules import parse

GUIDE = Path("docs/guides/programme.md").read_text(encoding="utf-8")
DOCUMENT = Programme().document()
ROWS = re.findall(r"^\| `([a-z_.\[\]0-9]+)` \| ([^|]+) \|", GUIDE, re.MULTILINE)
# Explained in prose beside the tables.
IN_PROSE = {
    *(
        "name",
        "coupons",
        "rewards",
        "lotteries",
        "points.rules",
        "tiers.ladder",
        "referral.invitee_coupon",
        "referral.link",
    ),
    "adjustments.reasons",
    *("segments", "badges", "tasks", "challenges", "gifts.welcome"),
    *("gifts.birthday.credit", "gifts.birthday.coupons", "gifts.birthday.badges"),
    *("community.topics", "community.levels", "community.meetups"),
    *("community.moderation.refused", "community.moderation.reviewed"),
    "tiers.makeup_actions",
    *("notifications.sender", "notifications.templates"),
}


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Every default by its path; lists of plain values and the sections in prose as a whole."""
    if path in IN_PROSE:
        return {}
    if isinstance(value, dict) and value:
        prefix = f"{path}." if path else ""
        return {
            at: leaf
            for key, entry in value.items()
            for at, leaf in leaves(entry, prefix + key).items()
        }
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {
            at: leaf
            for index, entry in enumerate(value)
            for at, leaf in leaves(entry, f"{path}[{index}]").items()
        }
    return {path: value}


def test_every_number_in_the_tables_is_the_model_s_default():
    defaults = leaves(DOCUMENT)
    stated = dict(ROWS)
    assert len(stated) == len(ROWS)
    assert stated == {
        path: value if isinstance(value, str) else json.dumps(value)
        for path, value in defaults.items()
        if path in stated
    }


def test_every_default_stands_in_a_table():
    unstated = {
        path
        for path, value in leaves(DOCUMENT).items()
        if path not in dict(ROWS) and value not in {None, False} and not path.endswith(".currency")
    }
    assert unstated == set()


def test_the_ladder_is_the_model_s():
    header, *rows = re.findall(r"^\| ((?:code|[A-Z]+) \|.*) \|$", GUIDE, re.MULTILINE)
    keys = header.split(" | ")
    assert [row.split(" | ") for row in rows] == [
        [str(tier[key]) for key in keys] for tier in DOCUMENT["tiers"]["ladder"]
    ]


def test_the_shapes_of_expiry_that_are_shown_are_read():
    shapes = re.findall(r"^    (\{kind: .*?\})", GUIDE, re.MULTILINE)
    kinds = [parse(f"points: {{expiry: {shape}}}").points.expiry.kind for shape in shapes]
    assert kinds == ["rolling", "annual_decay", "fixed_date", "inactivity", "never"]
    for shape, kind in zip(shapes, kinds, strict=True):
        written = parse(f"points: {{expiry: {shape}}}")
        assert written == parse(f"points: {{expiry: {{kind: {kind}}}}}")
