"""Does a QR code say what it should, as one element of SVG?"""

import re

import segno

from kit.qr import svg


def test_a_link_becomes_one_element_that_fills_what_it_is_put_into():
    found = svg("https://shop.example/join?code=7K2M9QXA")
    assert found.startswith("<svg ")
    assert found.endswith("</svg>")
    assert 'viewBox="0 0 37 37"' in found
    assert "width=" not in found.split(">", 1)[0]


def test_the_dark_modules_are_those_of_the_link():
    link = "https://shop.example/join?code=7K2M9QXA"
    (path,) = re.findall(r' d="([^"]+)"', svg(link))
    dark = sum(int(length) for length in re.findall(r"h(\d+)", path))
    assert dark == sum(map(sum, segno.make(link, error="m", micro=False).matrix))
    assert svg(link) != svg(link + "B")
