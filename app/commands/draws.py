"""Was a lottery draw what the published values make it? Asked of a file, without any server."""

import json
from pathlib import Path
from typing import Any

import typer

from app.commands.failing import BadInput
from domain.lottery.model import Evidence
from domain.lottery.rules import problems

EXIT_WRONG = 1


def verify(file: Path) -> None:
    """Say whether the draw in a JSON file, as `verifyDraw` answers it, is right."""
    try:
        found = _evidence(json.loads(file.read_text("utf-8")))
        wrong = problems(found)
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise BadInput(f"{file} can't be read as a draw: {error}") from None
    for problem in wrong:
        typer.echo(f"WRONG: {problem}")
    if wrong:
        raise typer.Exit(EXIT_WRONG)
    if found.seed is None:
        raise BadInput("the round isn't over: its seed isn't told yet")
    typer.echo(f"RIGHT: the roll {found.roll} of {found.lottery} names {found.named}")


def _evidence(answer: dict[str, Any]) -> Evidence:
    found = answer.get("data", answer)
    draw = found.get("verifyDraw", found)
    return Evidence(
        lottery=draw["lottery"],
        round=draw["round"],
        commitment=draw["commitment"],
        seed=draw["seed"],
        member=draw["member"],
        nonce=draw["nonce"],
        client_seed=draw["clientSeed"],
        prizes=tuple((prize["code"], prize["weight"]) for prize in draw["prizes"]),
        consolation=draw["consolation"],
        roll=draw["roll"],
        named=draw["named"],
        given=draw["given"],
    )
