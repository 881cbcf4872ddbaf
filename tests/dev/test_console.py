"""Are the lines of several processes readable, by people and by machines?"""

import json
from io import StringIO

from dev.console import line_printer


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_names_are_aligned_and_lines_kept_as_they_are():
    stream = StringIO()
    print_line = line_printer(stream, ["api", "worker"])
    print_line("api", "a | b")
    print_line("worker", "")
    assert stream.getvalue() == "api    | a | b\nworker | \n"


def test_a_terminal_gets_a_colour_for_each_name():
    stream = Terminal()
    print_line = line_printer(stream, ["api", "worker"])
    print_line("api", "one")
    print_line("worker", "two")
    print_line("dev", "three")
    assert stream.getvalue() == (
        "\x1b[36mapi    |\x1b[0m one\n\x1b[33mworker |\x1b[0m two\ndev    | three\n"
    )


def test_a_stream_of_json_stays_one_whatever_a_child_prints():
    stream = StringIO()
    print_line = line_printer(stream, ["api"], as_json=True)
    print_line("api", '{"event": "started"}')
    print_line("api", '{not json "积分"')
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {"event": "started"},
        {"process": "api", "event": '{not json "积分"'},
    ]
