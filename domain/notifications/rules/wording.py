"""In which words is a member told? The operator's, else ours; never none.

An operator's text that can't be filled in with the facts of an old notification gives way to our
own, and ours to a line that says no more than that there is news.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from domain.notifications.model import Channel, MessageClass, Notification, Shown, Template
from domain.notifications.texts import Words
from domain.notifications.texts.en import EN
from domain.notifications.texts.zh_cn import ZH_CN
from domain.programme.model import Programme, Wording
from domain.programme.model.messages import KINDS
from kit.templates import CannotRender, render

_NEWS = {"zh-CN": "您有一条新消息", "en": "There is news for you"}
_UNSUBSCRIBE = {"zh-CN": "不想再收到此类邮件：", "en": "Don't want such emails any more? "}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a text is written; `zone`: in which their dates are."""

    nickname: str
    zone: str
    locale: str


@dataclass(frozen=True, slots=True)
class Text:
    """A title (an email's subject) and a body, filled in."""

    title: str
    body: str


def shown(row: Notification, programme: Programme, reader: Reader) -> Shown:
    """A notification as it is read in the app."""
    found = text(row.template, row.facts, Channel.IN_APP, programme, reader)
    return Shown(row, found.title, found.body)


def text(
    template: str,
    facts: Mapping[str, Any],
    channel: Channel,
    programme: Programme,
    reader: Reader,
) -> Text:
    """The words for a channel; of an SMS only the body counts."""
    values = _values(facts, programme, reader)
    for parts in _sources(template, channel, programme, reader.locale):
        try:
            title, body = (render(part, values).strip() for part in parts)
        except CannotRender:
            continue
        if body if channel == Channel.SMS else title:
            return Text(" ".join(title.split()), body)
    news = _NEWS[_spoken(reader.locale)]
    return Text(news, news if channel == Channel.SMS else "")


def with_unsubscribing(body: str, url: str | None, locale: str) -> str:
    """An email's text with the way out of such emails below it."""
    return body if url is None else f"{body}\n\n--\n{_UNSUBSCRIBE[_spoken(locale)]}{url}"


def class_of(template: str) -> MessageClass:
    """Of a template that isn't known any more: what can be muted."""
    kind = KINDS.get(cast("Template", template))
    return MessageClass.REWARD if kind is None else kind.class_


def last_day(end: datetime, zone: str, locale: str) -> str:
    """The day on which something is good for the last time that ends at `end`.

    What ends as 1 April begins there is good until 2026年3月31日, 31 March 2026.
    """
    day = (end - timedelta.resolution).astimezone(ZoneInfo(zone))
    if _spoken(locale) == "zh-CN":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _sources(
    template: str, channel: Channel, programme: Programme, locale: str
) -> Iterator[tuple[str, str]]:
    default = (ZH_CN if _spoken(locale) == "zh-CN" else EN).get(cast("Template", template))
    if default is None:
        return
    own = programme.notifications.templates.get(template)
    if own is not None:
        yield _parts(_merged(own.in_(locale), default), channel, locale)
    yield _parts(default, channel, locale)


def _merged(own: Wording, default: Words) -> Words:
    """An email's own defaults give way to the operator's title and body."""
    says_otherwise = own.body is not None
    return Words(
        title=own.title or default.title,
        body=own.body or default.body,
        sms=own.sms or default.sms,
        subject=own.subject or (None if own.title else default.subject),
        email=own.email or (None if says_otherwise else default.email),
    )


def _parts(words: Words, channel: Channel, locale: str) -> tuple[str, str]:
    if channel == Channel.SMS:
        return words.title, words.sms
    if channel == Channel.EMAIL:
        return words.subject or words.title, words.email or _GREETING[_spoken(locale)] + words.body
    return words.title, words.body


_GREETING = {"zh-CN": "{{ nickname }}，您好：\n\n", "en": "Dear {{ nickname }},\n\n"}


def _values(facts: Mapping[str, Any], programme: Programme, reader: Reader) -> dict[str, object]:
    values = {name: _value(name, fact, reader) for name, fact in facts.items()}
    return {
        **values,
        "nickname": reader.nickname,
        "programme": programme.name.in_(reader.locale),
    }


def _value(name: str, fact: Any, reader: Reader) -> object:  # noqa: ANN401  any JSON value
    if isinstance(fact, dict):
        names = cast("dict[str, object]", fact)
        return names.get(_spoken(reader.locale), "")
    if isinstance(fact, list):
        return [_value("", entry, reader) for entry in cast("list[object]", fact)]
    if name.endswith("_at") and isinstance(fact, str):
        try:
            return last_day(datetime.fromisoformat(fact), reader.zone, reader.locale)
        except (ValueError, OverflowError):
            return fact
    return fact


def _spoken(locale: str) -> str:
    return "zh-CN" if locale.lower().startswith("zh") else "en"
