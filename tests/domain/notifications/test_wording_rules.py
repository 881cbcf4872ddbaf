"""Is a member told in words that they can read, whatever the operator and the years have done?"""

from itertools import product

import pytest

from domain.notifications import rules
from domain.notifications.model import Channel, Notification, Template
from domain.notifications.rules import Reader
from domain.programme.model import Programme
from domain.programme.model.messages import EVERYWHERE, KINDS
from domain.programme.rules import parse
from kit.ids import new_id
from tests.support.world import NOW

LOCALES = ("zh-CN", "en")
SMS_CHARACTERS_MAX = {"zh-CN": 70, "en": 160}
MING = {locale: Reader("小明", "Asia/Shanghai", locale) for locale in LOCALES}
OWN = """
notifications:
  templates:
    tier_kept:
      zh-CN: { title: "{{ nickname }}保级成功" }
      en: { body: "{{ tier }} until {{ ends_at }}{% if tier == 'Gold' %}!{% endif %}" }
"""


def said(template: Template, channel: Channel, locale: str, programme: Programme | None = None):
    return rules.text(
        template, KINDS[template].example, channel, programme or Programme(), MING[locale]
    )


@pytest.mark.parametrize(("template", "channel", "locale"), [*product(Template, Channel, LOCALES)])
def test_every_message_says_something_in_both_languages(template, channel, locale):
    found = said(template, channel, locale)
    assert found.title
    assert found.body
    assert "{" not in found.title + found.body
    nothing = rules.text("unknown", {}, channel, Programme(), MING[locale])
    assert found != nothing
    if channel == Channel.SMS:
        assert len(found.body) <= SMS_CHARACTERS_MAX[locale]


@pytest.mark.parametrize("template", Template)
def test_a_message_speaks_of_a_gift_without_points_and_coupons_too(template):
    facts = dict(KINDS[template].example)
    for name, nothing in {"points": 0, "coupons": [], "tasks": [], "streak_days": 0}.items():
        if name in facts:
            facts[name] = nothing
    for channel, locale in product(Channel, LOCALES):
        found = rules.text(template, facts, channel, Programme(), MING[locale])
        assert found.body
        assert "None" not in found.body


def test_a_warning_names_all_that_is_at_stake():
    found = said(Template.TIER_WARNED, Channel.EMAIL, "en")
    assert found.title == "Your Gold tier ends on 31 March 2026"
    assert found.body == (
        "Dear 小明,\n\nyour Gold tier is judged on 31 March 2026.\n\n"
        "Your score: 180\nNeeded: 240\nMissing: 60\n\n"
        "If it isn't reached by then, you will be Silver from that day on."
        " Orders, check-ins and reviews raise your score."
    )
    assert said(Template.TIER_WARNED, Channel.SMS, "zh-CN").body == (
        "金卡保级需240分，现180分，还差60分，2026年3月31日前未达到将降为银卡。"
    )


def test_the_operator_s_words_replace_ours_part_by_part():
    own = parse(OWN)
    assert said(Template.TIER_KEPT, Channel.IN_APP, "zh-CN", own) == rules.Text(
        "小明保级成功", "恭喜您保级成功，金卡有效期至2026年3月31日。"
    )
    assert said(Template.TIER_KEPT, Channel.EMAIL, "en", own) == rules.Text(
        "You keep Gold", "Dear 小明,\n\nGold until 31 March 2026!"
    )


def test_facts_that_an_old_notification_lacks_give_way_to_our_own_words_and_then_to_few():
    own = parse(OWN)
    old = Notification(new_id(), new_id(), "tier_kept", "c", {"tier": "Gold"}, NOW, NOW)
    shown = rules.shown(old, own, MING["en"])
    assert (shown.title, shown.body) == ("There is news for you", "")
    gone = Notification(new_id(), new_id(), "no_more", "c", {}, NOW, NOW)
    assert rules.shown(gone, own, MING["zh-CN"]).title == "您有一条新消息"


@pytest.mark.parametrize("channel", Channel)
def test_nobody_is_sent_nothing(channel):
    blank = "{% if tier == 'Gold' %}!{% endif %}"
    own = parse(OWN.replace("body:", f'sms: "{blank}", title: "{blank}", body:'))
    facts = {**KINDS[Template.TIER_KEPT].example, "tier": "Silver"}
    for template, given in ((Template.TIER_KEPT, facts), (Template.TIER_KEPT, {}), ("gone", {})):
        found = rules.text(template, given, channel, own, MING["en"])
        assert found.body if channel == Channel.SMS else found.title


def test_an_instant_without_a_day_is_said_as_it_is():
    facts = {**KINDS[Template.TIER_KEPT].example, "ends_at": "0001-01-01T00:00:00"}
    found = rules.text(Template.TIER_KEPT, facts, Channel.SMS, Programme(), MING["en"])
    assert "0001-01-01T00:00:00" in found.body


def test_a_name_can_not_break_a_line_of_a_title():
    facts = {"badge": {"zh-CN": "a\r\nBcc: x", "en": "a\r\nBcc: x"}}
    found = rules.text(Template.BADGE_AWARDED, facts, Channel.EMAIL, Programme(), MING["en"])
    assert found.title == "New badge: a Bcc: x"


def test_what_ends_at_midnight_is_good_until_the_day_before_where_the_reader_is():
    facts = {"tier": "Gold", "ends_at": "2026-03-31T16:00:00+00:00"}
    words = [
        rules.text(
            Template.TIER_KEPT, facts, Channel.SMS, Programme(), Reader("Ann", zone, "en")
        ).body
        for zone in ("Asia/Shanghai", "Asia/Tokyo")
    ]
    assert words == ["You keep Gold until 31 March 2026.", "You keep Gold until 1 April 2026."]


def test_the_names_that_texts_may_use_are_those_that_they_are_given():
    assert set(EVERYWHERE) == {"nickname", "programme"}
    assert set(KINDS) == set(Template)
