"""Who carries letters? An SMTP server, a signed HTTP endpoint, or any service that Apprise knows.

Each says whether another attempt may succeed. All are at least once: a letter has the same key each
time, as Message-ID, as webhook-id, so that who receives it can tell.
"""

from collections.abc import Awaitable, Callable
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

import aiosmtplib
import httpx2
import orjson
from apprise import Apprise
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from domain.notifications.model import Channel, Failure, Letter, Provider
from kit import clock

CALL_SECONDS = 10
SUBMISSION_PORTS = {"smtp": 587, "smtps": 465}
_SERVER_ERROR = 500
Carry = Callable[[str], Awaitable[str]]
_OK = range(200, 300)
_WORTH_ANOTHER = frozenset({408, 425, 429})
_OF_THE_SHOP = (
    *(aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPHeloError),
    *(aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPSenderRefused),
)
"""What a server has against the shop and not against an address: once mended, letters go out."""


class BadAddress(ValueError):
    """A setting that says where letters go can't be used."""


def provider(channel: Channel, url: str, secret: str) -> Provider:
    """By the kind of address: smtp(s), http(s) signed with `secret`, all else is Apprise's."""
    scheme = urlsplit(url).scheme
    if channel == Channel.EMAIL:
        if scheme not in SUBMISSION_PORTS:
            raise BadAddress("begins with smtp:// or smtps://")
        return Smtp(url)
    if scheme in {"http", "https"}:
        if not secret:
            raise BadAddress("an http(s) address needs ACCRUE_PROVIDER_SECRET beside it")
        return SignedPost(url, secret)
    return ThroughApprise(url)


class Smtp:
    """`smtp://user:password@host:587?from=shop@example.com`; smtps is TLS from the start.

    A plain smtp connection turns to TLS where the server offers it; `tls=required` insists.
    """

    name = "smtp"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        self._from = query.get("from", [""])[0]
        self._domain = self._from.rpartition("@")[2]
        if not parts.hostname or not _is_sender(self._from):
            raise BadAddress("names no host, or no sender as ?from=shop@example.com")
        starttls = True if query.get("tls") == ["required"] else None
        self._options: dict[str, Any] = {
            "hostname": parts.hostname,
            "port": _port(parts) or SUBMISSION_PORTS[parts.scheme],
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": parts.scheme == "smtps",
            "start_tls": None if parts.scheme == "smtps" else starttls,
            "timeout": CALL_SECONDS,
        }

    async def carry(self, letter: Letter) -> str:
        message = self.message(letter)
        try:
            return await self._submit(message)
        except _OF_THE_SHOP as error:
            raise Failure(f"{error.code} {error.message}", temporary=True) from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0]) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Failure(f"{type(error).__name__}: {error}", temporary=True) from None

    async def _submit(self, message: EmailMessage) -> str:
        """Without a goodbye: what was taken is taken, however long the server's own would last."""
        client = aiosmtplib.SMTP(**self._options)
        try:
            await client.connect()
            _, answer = await client.send_message(message)
        finally:
            client.close()
        return answer

    def message(self, letter: Letter) -> EmailMessage:
        """Raises Failure for what can't stand in a header, such as a line break."""
        message = EmailMessage(policy=SMTP)
        try:
            message["From"] = Address(letter.sender, addr_spec=self._from)
            message["To"] = Address(addr_spec=letter.addresses[0])
            message["Subject"] = letter.title
        except Exception as error:  # noqa: BLE001  the parser of headers raises whatever it meets
            raise Failure(f"a header can't be written: {error}", temporary=False) from None
        message["Date"] = clock.now()
        message["Message-ID"] = f"<{letter.key}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        if letter.unsubscribe_url is not None:
            message["List-Unsubscribe"] = _headers(
                "List-Unsubscribe", f"<{letter.unsubscribe_url}>"
            )
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.body)
        message["Content-Language"] = letter.locale
        return message


class _OneLine(UnstructuredHeader, BaseHeader):
    """A header that is never folded: a URL that is too long for a line would be encoded."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("List-Unsubscribe", _OneLine)


def _port(parts: SplitResult) -> int | None:
    """Its own words are kept back: they would repeat what may be a part of the password."""
    wrong = BadAddress("has no port after its host; write / in a password as %2F")
    if parts.path.strip("/"):
        raise wrong
    try:
        return parts.port
    except ValueError:
        raise wrong from None


def _is_sender(text: str) -> bool:
    try:
        return bool(Address(addr_spec=text).domain)
    except Exception:  # noqa: BLE001  the parser of headers raises whatever it meets
        return False


def _refused(error: aiosmtplib.SMTPResponseException) -> Failure:
    return Failure(f"{error.code} {error.message}", temporary=error.code < _SERVER_ERROR)


class SignedPost:
    """JSON by POST to `url`, signed as Standard Webhooks has it; once for each address."""

    name = "webhook"

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        try:
            self._signer = Webhook(secret)
        except (ValueError, EmptyWebhookSecretError):
            raise BadAddress("needs an ACCRUE_PROVIDER_SECRET in base64, such as whsec_…") from None

    async def carry(self, letter: Letter) -> str:
        async with httpx2.AsyncClient(timeout=CALL_SECONDS, follow_redirects=False) as client:
            return await to_each(letter, lambda address: self._post(client, letter, address))

    async def _post(self, client: httpx2.AsyncClient, letter: Letter, address: str) -> str:
        body = orjson.dumps(
            {
                "id": letter.key,
                "channel": letter.channel,
                "to": address,
                "title": letter.title,
                "body": letter.body,
                "locale": letter.locale,
                "template": letter.template,
            }
        )
        at = clock.now()
        headers = {
            "content-type": "application/json",
            "webhook-id": letter.key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._signer.sign(letter.key, at, body.decode()),
        }
        try:
            response = await client.post(self._url, content=body, headers=headers)
        except httpx2.HTTPError as error:
            raise Failure(f"{type(error).__name__}: {error}", temporary=True) from None
        status = response.status_code
        if status not in _OK:
            temporary = status >= _SERVER_ERROR or status in _WORTH_ANOTHER
            raise Failure(f"HTTP {status}", temporary=temporary)
        return f"HTTP {status}"


class ThroughApprise:
    """One of Apprise's addresses with `{address}` where the member's phone or device goes.

    Apprise says yes or no and not why, so that each no is worth another attempt.
    """

    name = "apprise"

    def __init__(self, url: str) -> None:
        if "{address}" not in url or not Apprise.instantiate(_filled(url, "15005550006")):
            raise BadAddress("is no address of Apprise's with {address} in it")
        self._url = url

    async def carry(self, letter: Letter) -> str:
        return await to_each(letter, lambda address: self._notify(letter, address))

    async def _notify(self, letter: Letter, address: str) -> str:
        one = Apprise()
        title = "" if letter.channel == Channel.SMS else letter.title
        if not one.add(_filled(self._url, address)):
            raise Failure("an address that Apprise can't use", temporary=False)
        if not await one.async_notify(body=letter.body, title=title):
            raise Failure("Apprise couldn't deliver it", temporary=True)
        return "delivered"


def _filled(url: str, address: str) -> str:
    return url.replace("{address}", quote(address, safe=""))


async def to_each(letter: Letter, carry: Carry) -> str:
    """To all addresses: what one of them answered is enough; without any, the failure to hope for.

    Trying again would reach those a second time that it has reached.
    """
    answers: list[str] = []
    failures: list[Failure] = []
    for address in letter.addresses:
        try:
            answers.append(await carry(address))
        except Failure as failure:
            failures.append(failure)
    if answers:
        return answers[0]
    raise next((one for one in failures if one.temporary), failures[0])
