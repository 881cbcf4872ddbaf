"""Does the code keep the rules that neither ruff nor import-linter can express?"""

import ast
import re

from tests.tidy import sources

DOORBELLS = {"workers/relay.py", "workers/broker.py"}
ROW_WRITERS = {"save", "bulk_create", "bulk_update", "update_from_dict", "get_or_create"}
APPEND_ONLY = (
    "transfer",
    "lot_move",
    "decision",
    "tier_change",
    "staff_action",
    "event_key",
    "programme_version",
    "refund",
    "erasure",
)


def test_only_db_writes_rows_through_the_orm():
    breaches = [
        f"{sources.name(path)}:{line} .{method}()"
        for path in sources.python_files(*sources.PACKAGES)
        if not sources.name(path).startswith("db/")
        for line, method in sources.method_calls(path)
        if method in ROW_WRITERS
    ]
    assert breaches == []


def test_only_db_opens_a_transaction_of_the_orm():
    breaches = [
        sources.name(path)
        for path in sources.python_files(*sources.PACKAGES)
        if not sources.name(path).startswith("db/")
        and re.search(r"\bin_transaction\b", sources.text(path))
    ]
    assert breaches == []


def test_in_the_domain_only_operations_open_a_transaction():
    breaches = [
        f"{sources.name(path)}:{node.lineno}"
        for path in sources.python_files("domain")
        if path.name != "operations.py" and path.parent.name != "operations"
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.Call) and _last_name(node.func) == "transaction"
    ]
    assert breaches == []


def test_what_the_domain_writes_goes_through_the_door_that_tells_of_it():
    """What `webhooks.steps.write` doesn't write, no endpoint is told of."""
    breaches = [
        f"{sources.name(path)}:{line}"
        for path in sources.python_files("domain")
        if not sources.name(path).startswith("domain/webhooks/")
        for line, method in sources.method_calls(path)
        if method == "write" and "from db.changes import" in sources.text(path)
    ]
    assert breaches == []


def test_only_the_relay_rings_the_doorbell():
    breaches = [
        f"{sources.name(path)}:{line} .{method}()"
        for path in sources.python_files("domain", "resolvers", "schema", "workers")
        if sources.name(path) not in DOORBELLS
        for line, method in sources.method_calls(path)
        if method in {"send", "send_with_options", "enqueue"}
    ]
    assert breaches == []


def test_no_sql_notifies_inside_a_transaction():
    """NOTIFY makes commits wait for each other; wake-ups go over Valkey after the commit."""
    breaches = [
        where
        for where, sql in sources.sql_texts()
        if re.search(r"\bpg_notify\s*\(|(^|;)\s*NOTIFY\s+\w", sql, re.IGNORECASE)
    ]
    assert breaches == []


def test_no_column_holds_a_time_without_a_zone():
    without_zone = re.compile(r"\btimestamp\b\s*(\(\d\))?\s*(,|not null|null|default|$)")
    breaches = [
        f"{sources.name(path)}:{number}"
        for path in sources.sql_files()
        for number, line in enumerate(sources.text(path).lower().splitlines(), 1)
        if without_zone.search(line.split("--")[0])
    ]
    assert breaches == []


def test_nothing_updates_or_deletes_what_is_append_only():
    tables = "|".join(APPEND_ONLY)
    rewrite = re.compile(
        rf'\b(update\s+(only\s+)?"?({tables})"?\s+(as\s+\w+\s+|\w+\s+)?set\b'
        rf'|delete\s+from\s+"?({tables})"?\b)',
        re.IGNORECASE,
    )
    breaches = [where for where, sql in sources.sql_texts() if rewrite.search(sql)]
    assert breaches == []


def test_nothing_is_left_over():
    leftover = re.compile(
        r"\b(" + "|".join(["FIX" + "ME", "TO" + "DO", "XX" + "X", "HA" + "CK"]) + r")\b"
    )
    breaches = [
        f"{sources.name(path)}:{number}"
        for path in [*sources.python_files(), *sources.sql_files(), *sources.documents()]
        for number, line in enumerate(sources.text(path).splitlines(), 1)
        if leftover.search(line)
    ]
    assert breaches == []


def test_no_rule_about_time_is_switched_off_outside_the_clock():
    breaches = [
        f"{sources.name(path)}:{number}"
        for path in sources.python_files(*sources.PACKAGES)
        for number, line in enumerate(sources.text(path).splitlines(), 1)
        if re.search(r"noqa:.*\b(DTZ\d|TID251)", line)
    ]
    assert breaches == []


def test_every_suppression_for_the_type_checker_names_its_rule():
    bare = re.compile(r"#\s*pyright:\s*(ignore(?!\[)|basic|strict=false)")
    breaches = [
        f"{sources.name(path)}:{number}"
        for path in sources.python_files()
        for number, line in enumerate(sources.text(path).splitlines(), 1)
        if bare.search(line)
    ]
    assert breaches == []


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
