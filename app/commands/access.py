"""How does somebody at a shell give members, staff and services access?"""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import typer
from rich.table import Table

from app.access import signing_secret
from app.commands.failing import BadInput
from app.commands.instants import span
from app.commands.reach import ask
from app.commands.tables import wide_console
from app.tokens import Role, TokenIssuer, new_api_key, parse_api_key
from domain.members import operations, views
from domain.members.model import ApiKey, Scope
from kit import clock
from kit.ids import parse_global_id
from kit.settings import Settings

SUBJECT_LENGTH_MAX = 128


def print_token(data_dir: Path | None, role: Role, subject: str, ttl: str) -> None:
    lifetime = span(ttl)

    async def make(settings: Settings) -> str:
        found = str(await member_id_of(subject)) if role == "member" else _name(subject)
        issuer = TokenIssuer(signing_secret(settings))
        text, _ = issuer.issue(found, role, now=clock.now(), ttl=lifetime)
        return text

    typer.echo(ask(data_dir, make))


def create_key(data_dir: Path | None, name: str, scopes: list[str]) -> None:
    text = ask(data_dir, lambda _: make_key(name, scopes))
    typer.echo(text)


def revoke_key(data_dir: Path | None, key_id: str) -> None:
    key = ask(data_dir, lambda _: operations.revoke_api_key(key_id, now=clock.now()))
    typer.echo(f"Key {key.id} of {key.name} is revoked.")


def list_keys(data_dir: Path | None) -> None:
    keys = ask(data_dir, lambda _: views.api_keys())
    table = Table("id", "name", "scopes", "made", "last used", "revoked")
    for key in keys:
        table.add_row(*_row(key))
    wide_console().print(table)


async def make_key(name: str, scopes: list[str]) -> str:
    """A new key's text, of which only a hash is kept. No scopes: all of them."""
    key_id, text, digest = new_api_key()
    await operations.create_api_key(
        key_id,
        name=name,
        digest=digest.hex(),
        scopes=scopes or [scope.value for scope in Scope],
        now=clock.now(),
    )
    return text


async def member_id_of(subject: str) -> UUID:
    """By the global id, else by the shop's id of the customer."""
    parsed = parse_global_id(subject)
    if parsed is not None and parsed[0] == "Member" and len(parsed[1]) == 1:
        member = await views.member(parsed[1][0])
    else:
        member = await views.by_external_id(subject)
    if member is None:
        raise BadInput(f"no member has the id {subject}, neither ours nor the shop's")
    return member.member_id


def _name(subject: str) -> str:
    if not 1 <= len(subject) <= SUBJECT_LENGTH_MAX or subject != subject.strip():
        raise BadInput(f"a subject is a name of 1 to {SUBJECT_LENGTH_MAX} characters")
    return subject


def _row(key: ApiKey) -> tuple[str, ...]:
    times = (key.created_at, key.last_used_at, key.revoked_at)
    return key.id, key.name, " ".join(key.scopes), *map(_minute, times)


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def key_id_of(text: str) -> str:
    return parse_api_key(text).key_id
