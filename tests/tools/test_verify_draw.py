"""Does the script that needs nothing of ours find out whether a draw was honest?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands import draws
from app.commands.failing import BadInput
from domain.lottery import rules
from domain.lottery.model import message
from tests.tidy.sources import ROOT

SCRIPT = ROOT / "tools" / "verify_draw.py"
SEED = bytes(range(32))
PRIZES = (("BIKE", 1), ("LAMP", 20), ("NOTHING", 79))
MEMBER = "0199b2a0-0000-7000-8000-000000000001"
SECONDS_MAX = 30


def a_draw(nonce: int = 1, /, **changes: object) -> dict[str, object]:
    """As `verifyDraw` answers it."""
    text = message("SPRING", 3, MEMBER, nonce=nonce, client_seed="my|luck")
    rolled = rules.roll(SEED, text, 100)
    named = rules.prize_at(PRIZES, rolled)
    return {
        "lottery": "SPRING",
        "round": 3,
        "commitment": rules.commitment(SEED),
        "seed": SEED.hex(),
        "member": MEMBER,
        "nonce": nonce,
        "clientSeed": "my|luck",
        "prizes": [{"code": code, "weight": weight} for code, weight in PRIZES],
        "consolation": "NOTHING",
        "roll": rolled,
        "named": named,
        "given": named,
        **changes,
    }


def verified(folder: Path, found: object) -> tuple[int, str]:
    """Exit status and output of the script, run by a bare Python outside of the project."""
    file = folder / "draw.json"
    file.write_text(found if isinstance(found, str) else json.dumps(found), "utf-8")
    made = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(file)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )
    assert made.stderr == ""
    return made.returncode, made.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_an_honest_draw_is_right_with_the_envelope_and_without(folder):
    for nonce in (1, 2):
        found = a_draw(nonce)
        said = f"RIGHT: the roll {found['roll']} of SPRING names {found['named']}\n"
        assert verified(folder, found) == (0, said)
    assert verified(folder, {"data": {"verifyDraw": a_draw()}})[0] == 0


def test_a_consolation_instead_of_what_was_named_is_said(folder):
    nonce = next(nonce for nonce in range(1, 99) if a_draw(nonce)["named"] == "LAMP")
    status, said = verified(folder, a_draw(nonce, given="NOTHING"))
    assert status == 0
    assert said.endswith("It was exhausted or over budget, so NOTHING was given.\n")


TAMPERED = {
    "seed": {"seed": bytes(32).hex()},
    "commitment": {"commitment": "0" * 64},
    "nonce": {"nonce": 99},
    "weights": {"prizes": [{"code": "BIKE", "weight": 100}]},
    "prize": {"named": "BIKE", "given": "BIKE"},
    "given": {"given": "BIKE"},
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found_and_said(folder, what):
    status, said = verified(folder, a_draw(2, **TAMPERED[what]))
    assert status == 1
    assert said.startswith("WRONG: ")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"seed": "zz"}'])
def test_what_is_no_draw_can_not_be_told(folder, text):
    status, said = verified(folder, text)
    assert (status, said.startswith("This can't be read as a draw: ")) == (2, True)


def test_before_the_seed_is_told_nothing_can_be_said(folder):
    assert verified(folder, a_draw(seed=None)) == (
        *(2, "The round isn't over: its seed isn't told yet.\n"),
    )


def test_the_command_says_the_same(folder):
    found = {"right.json": (a_draw(), 0), "wrong.json": (a_draw(seed=bytes(32).hex()), 1)}
    for name, (draw, status) in found.items():
        (folder / name).write_text(json.dumps({"data": {"verifyDraw": draw}}), "utf-8")
        made = subprocess.run(
            [str(Path(sys.executable).parent / "accrue"), "verify-draw", str(folder / name)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_MAX,
        )
        assert (made.returncode, made.stdout[:5]) == (status, "RIGHT" if status == 0 else "WRONG")


@pytest.mark.parametrize("draw", [a_draw(seed=None), {}, []])
def test_the_command_says_plainly_what_it_can_not_tell(folder, draw):
    file = folder / "draw.json"
    file.write_text(json.dumps(draw), "utf-8")
    with pytest.raises(BadInput):
        draws.verify(file)
