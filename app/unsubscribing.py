"""How does somebody stop a class of emails? By the link in one: GET shows a button, POST does it.

Mail programs POST at once (RFC 8058); scanners that open every link change nothing.
"""

from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from domain.members import aliases
from domain.notifications import operations, rules
from domain.notifications.model import MessageClass
from kit import clock
from kit.errors import Refusal

PATH = "/unsubscribe/"
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
    "cache-control": "no-store",
}
_PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<body style="font: 16px sans-serif; max-width: 32em; margin: 4em auto; padding: 0 1em">{body}"""
_ASK = (
    "<p>不想再收到此类邮件？<br>Don't want such emails any more?</p>"
    '<form method="post"><button>退订 / Unsubscribe</button></form>'
)
_DONE = "<p>已退订，您不会再收到此类邮件。<br>Done: you won't get such emails any more.</p>"
_UNKNOWN = "<p>此链接无效。<br>This link isn't valid.</p>"


class Unsubscribing:
    """The pages behind `/unsubscribe/<token>`; `secret` signs the tokens."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    async def respond(self, request: Request) -> Response:
        found = rules.read_token(request.path_params["token"], self._secret)
        if found is None:
            return _page(_UNKNOWN, 404)
        if request.method != "POST":
            return _page(_ASK)
        try:
            member_id, class_ = found
            await operations.unsubscribe(aliases.current(member_id), class_, now=clock.now())
        except Refusal:
            return _page(_UNKNOWN, 404)
        return _page(_DONE)


def unsubscribe_url(public_url: str, secret: bytes, member_id: UUID, class_: MessageClass) -> str:
    """Where this member stops emails of this class."""
    return public_url.rstrip("/") + PATH + rules.token(member_id, class_, secret)


def links(public_url: str, secret: bytes) -> "partial[str] | None":
    """None where nobody can reach us from outside: then no way out is offered."""
    return partial(unsubscribe_url, public_url, secret) if public_url else None


def _page(body: str, status: int = 200) -> Response:
    text = _PAGE.format(language="zh-CN", title="退订 / Unsubscribe", body=body)
    return HTMLResponse(text, status, headers=_HEADERS)
