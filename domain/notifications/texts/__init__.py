"""What are members told where the operator says nothing else?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A template's text in one language; `email` None: the greeting and `body`."""

    title: str
    body: str
    sms: str
    subject: str | None = None
    email: str | None = None
