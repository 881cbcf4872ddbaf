"""Can the operator's own texts be filled in with the facts that their template is given?"""

from collections.abc import Iterator

from domain.programme.model import Programme, Wording
from domain.programme.model.messages import EVERYWHERE, KINDS, NEVER_SHOWN, Template
from domain.programme.model.places import Finding, Path
from kit.templates import FILTERS, problem

_PARTS = ("title", "body", "subject", "email", "sms")
_LOCALES = ("zh-CN", "en")


def messages(programme: Programme) -> Iterator[Finding]:
    """Every text uses only its template's facts, and no more of Jinja than is allowed."""
    for name, wordings in programme.notifications.templates.items():
        facts = [*KINDS[Template(name)].example, *EVERYWHERE]
        for locale in _LOCALES:
            place: Path = ("notifications", "templates", name, locale)
            yield from _wording(wordings.in_(locale), facts, place)


def _wording(wording: Wording, facts: list[str], place: Path) -> Iterator[Finding]:
    for part in _PARTS:
        text: str | None = getattr(wording, part)
        wrong = None if text is None else problem(text, facts)
        if wrong is not None:
            allowed = f"the facts {', '.join(facts)}, if, for and the filters {', '.join(FILTERS)}"
            yield Finding((*place, part), wrong, allowed)


def channels(programme: Programme) -> Iterator[Finding]:
    """A member can always read in the app what concerns what they have; a code never is there."""
    for name, chosen in programme.notifications.channels.items():
        kind = KINDS[Template(name)]
        if name in NEVER_SHOWN:
            if not chosen or set(chosen) & {"in_app", "push"}:
                yield Finding(
                    ("notifications", "channels", name),
                    "a code where whoever took the app over reads it, or nowhere",
                    "a list of email, sms or both",
                )
        elif kind.class_ in {"account", "security"} and "in_app" not in chosen:
            yield Finding(
                ("notifications", "channels", name),
                "an account message that isn't in the app",
                "a list with in_app in it",
            )
