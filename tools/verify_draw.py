#!/usr/bin/env python3
"""Was a lottery draw what the published values make it? Needs Python 3.9 and nothing else.

    python3 verify_draw.py draw.json        # or: python3 verify_draw.py < draw.json

The file holds one draw, as the query `verifyDraw` answers it, with its envelope or without:

    {"lottery": "SPRING", "round": 3, "commitment": "<64 hex digits>", "seed": "<64 hex digits>",
     "member": "<uuid>", "nonce": 1, "clientSeed": "my luck",
     "prizes": [{"code": "BICYCLE", "weight": 1}, {"code": "FIVE_POINTS", "weight": 99}],
     "consolation": "FIVE_POINTS", "roll": 42, "named": "FIVE_POINTS", "given": "FIVE_POINTS"}

Take `commitment` and `prizes` from what was published when the round opened, not from the draw:
that the seed fits them is what proves anything. Exit status: 0 the draw is right, 1 it is wrong,
2 it can't be told (no seed yet, or no such file).
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any

RIGHT, WRONG, UNKNOWN = 0, 1, 2
WORDS = 2**64


def roll(seed: bytes, message: bytes, outcomes: int) -> int:
    """Give a number from 0 to outcomes - 1: the HMAC's first word of 8 bytes that is fair."""
    fair = WORDS - WORDS % outcomes
    block = hmac.new(seed, message, hashlib.sha256).digest()
    while True:
        for place in (0, 8, 16, 24):
            word = int.from_bytes(block[place : place + 8], "big")
            if word < fair:
                return word % outcomes
        block = hmac.new(seed, block, hashlib.sha256).digest()


def prize_at(prizes: list[dict[str, Any]], rolled: int) -> str:
    """Give the code whose share of the weights, in their order, holds the roll."""
    for prize in prizes:
        if rolled < prize["weight"]:
            return prize["code"]
        rolled -= prize["weight"]
    raise ValueError("a roll above all weights")


def problems(draw: dict[str, Any]) -> list[str]:
    """Tell what is wrong with the draw."""
    seed = bytes.fromhex(draw["seed"])
    found: list[str] = []
    hashed = hashlib.sha256(seed).hexdigest()
    if hashed != draw["commitment"].lower():
        found.append(f"the seed's SHA-256 is {hashed}, which is not the commitment")
    message = f"{draw['lottery']}:{draw['round']}|{draw['member']}|{draw['nonce']}"
    message += f"|{draw['clientSeed']}"
    rolled = roll(seed, message.encode(), sum(prize["weight"] for prize in draw["prizes"]))
    if rolled != draw["roll"]:
        found.append(f"seed and message roll {rolled}, not {draw['roll']}")
    named = prize_at(draw["prizes"], rolled)
    if named != draw["named"]:
        found.append(f"the roll {rolled} names {named}, not {draw['named']}")
    if draw["given"] not in (draw["named"], draw["consolation"]):
        found.append(f"{draw['given']} is neither what was named nor the consolation")
    return found


def read(text: str) -> dict[str, Any]:
    """Give the draw in the text; a whole answer of the API is looked into."""
    draw = json.loads(text)
    for envelope in ("data", "verifyDraw"):
        if envelope in draw:
            draw = draw[envelope]
    return draw


def main(arguments: list[str]) -> int:
    """Say what was found; the exit status."""
    try:
        draw = read(Path(arguments[0]).read_text("utf-8") if arguments else sys.stdin.read())
        if draw["seed"] is None:
            print("The round isn't over: its seed isn't told yet.")
            return UNKNOWN
        found = problems(draw)
    except (
        OSError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        ZeroDivisionError,
    ) as error:
        print(f"This can't be read as a draw: {type(error).__name__}: {error}")
        return UNKNOWN
    for problem in found:
        print(f"WRONG: {problem}")
    if not found:
        print(f"RIGHT: the roll {draw['roll']} of {draw['lottery']} names {draw['named']}")
        if draw["given"] != draw["named"]:
            print(f"It was exhausted or over budget, so {draw['given']} was given.")
    return WRONG if found else RIGHT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
