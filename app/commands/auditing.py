"""Are the books right? Exit code 1 where they aren't, with the rows that are wrong."""

import json
from pathlib import Path

import typer

from app.commands.reach import ask
from domain.ledger import operations
from domain.ledger.audit import Breach, Findings
from kit import clock

EXIT_BREACH = 1


def run(data_dir: Path | None, *, as_json: bool) -> None:
    findings = ask(data_dir, lambda _: operations.audit(now=clock.now()))
    if as_json:
        typer.echo(json.dumps(_document(findings), ensure_ascii=False, indent=2))
    else:
        tell(findings)
    if not is_sound(findings):
        raise typer.Exit(EXIT_BREACH)


async def check() -> bool:
    """Audit with the pool that is open, and say what was found; whether the books are right."""
    findings = await operations.audit(now=clock.now())
    tell(findings)
    return is_sound(findings)


def is_sound(findings: Findings) -> bool:
    """Late work is not wrong: somebody has only to do it."""
    late = sum(breach.severity == "late" for breach in findings.breaches)
    return findings.count == late


def tell(findings: Findings) -> None:
    for breach in findings.breaches:
        typer.echo(_line(breach))
    if findings.count > len(findings.breaches):
        typer.echo(f"… and {findings.count - len(findings.breaches):,} more")
    counted = ", ".join(f"{count:,} {name}" for name, count in sorted(findings.checked.items()))
    verdict = "The books are right" if is_sound(findings) else "The books are WRONG"
    typer.echo(f"{verdict}: {counted} checked.")


def _line(breach: Breach) -> str:
    member = f"member {breach.member_id}, " if breach.member_id else ""
    return f"{breach.severity}: {member}{breach.detail} ({breach.invariant})"


def _document(findings: Findings) -> dict[str, object]:
    return {
        "sound": is_sound(findings),
        "breachCount": findings.count,
        "checked": dict(findings.checked),
        "breaches": [
            {
                "invariant": str(breach.invariant),
                "severity": breach.severity,
                "memberId": str(breach.member_id) if breach.member_id else None,
                "row": breach.detail,
            }
            for breach in findings.breaches
        ],
    }
