"""Can a text reach what it wasn't given, or grow without bounds?"""

import pytest

from kit.templates import CannotRender, problem, render

NAMES = ("points", "coupons")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ points.__class__ }}", "Getattr isn't allowed"),
        ("{{ points['__class__'] }}", "Getitem isn't allowed"),
        ("{{ points|attr('__class__') }}", "there is no filter attr"),
        ("{{ ''.join(coupons) }}", "Call isn't allowed"),
        ("{{ range(10) }}", "Call isn't allowed"),
        ("{{ 'a' * 1000000000 }}", "Mul isn't allowed"),
        ("{{ 'a' ~ 'b' }}", "Concat isn't allowed"),
        ("{{ [1, 2] }}", "List isn't allowed"),
        ("{% set x = 1 %}", "Assign isn't allowed"),
        ("{% include 'x' %}", "Include isn't allowed"),
        (
            "{% for a in coupons %}{% for b in coupons %}{% endfor %}{% endfor %}",
            "a loop in a loop",
        ),
        ("{% for a in 'abc' %}{% endfor %}", "a loop goes over a name"),
        ("{% for a in coupons recursive %}{% endfor %}", "a loop goes over a name"),
        ("{% for a in coupons %}{{ loop.index }}{% endfor %}", "Getattr isn't allowed"),
        ("{{ gap }}", "there is no gap"),
        ("{{ coupons | upper }}", "there is no filter upper"),
        ("{{ points", "can't be read: unexpected end of template, expected 'end of print"),
        ("{{ coupons | join(coupons) }}", "join takes one text, length nothing"),
        ("{{ coupons | join('', '__class__') }}", "join takes one text, length nothing"),
        ("{{ coupons | length('') }}", "join takes one text, length nothing"),
        ("{{ coupons | join('ab') | join('ab') }}", "a filter takes a name"),
        ("{{ 'ab' | join('ab') }}", "a filter takes a name"),
        ("{{ " + "(" * 5_000, "is nested too deeply"),
        ("{{ " + "not " * 240 + "points }}", "is nested too deeply"),
        ("{% if points %}" * 110 + "{% endif %}" * 110, "is nested too deeply"),
    ],
)
def test_what_is_not_allowed_is_found(text: str, found: str):
    told = problem(text, NAMES)
    assert told is not None
    assert told.startswith(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ points }} points", "5 points"),
        ("{% if points > 3 and coupons %}many{% else %}few{% endif %}", "many"),
        ("{% for one in coupons %}<{{ one }}>{% endfor %}", "<a><b>"),
        ("{{ coupons | join(', ') }} ({{ coupons | length }})", "a, b (2)"),
        ("{{ 'one' if points == 1 else 'more' }}", "more"),
    ],
)
def test_what_is_allowed_is_filled_in(text: str, said: str):
    assert problem(text, NAMES) is None
    assert render(text, {"points": 5, "coupons": ["a", "b"]}) == said


@pytest.mark.parametrize(
    "text",
    [
        "{{ gap }}",
        "{{ points | length }}",
        "{{ points > 'a' }}",
        "{{ points.__class__ }}",
        "{{ " + "not " * 240 + "points }}",
    ],
)
def test_what_can_not_be_filled_in_says_so(text: str):
    with pytest.raises(CannotRender):
        render(text, {"points": 5})


def test_a_text_ends_at_5_000_characters():
    long = {"coupons": ["x" * 100] * 100}
    assert len(render("{{ coupons | join }}", long)) == 5_000
