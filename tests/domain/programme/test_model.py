"""Is a programme the same after being stored, and what do its parts answer?"""

import json
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.programme.model import CheckIn, Milestone, Programme, Score, Text, Tier
from domain.programme.rules import parse

# What YAML can carry in double quotes and a programme may contain.
words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff"),
    min_size=1,
    max_size=20,
)
texts = st.fixed_dictionaries({"zh-CN": words, "en": words})
codes = st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True)
decimals = st.decimals("0.01", 5, places=2).map(str)
currencies = st.sampled_from([("CNY", 2), ("USD", 2), ("JPY", 0), ("KWD", 3)])
instants = st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat())
expiries = st.one_of(
    st.fixed_dictionaries({"kind": st.just("rolling")}, optional={"months": st.integers(1, 120)}),
    st.fixed_dictionaries(
        {"kind": st.just("annual_decay"), "percent": st.integers(1, 100)},
        optional={"months": st.none() | st.integers(1, 120)},
    ),
    st.just({"kind": "fixed_date", "month": 2, "day": 28}),
    st.just({"kind": "inactivity"}),
    st.just({"kind": "never"}),
)


def money(exponent: int):
    return st.integers(1, 10**9).map(lambda minor: str(Decimal(minor).scaleb(-exponent)))


def ladders():
    tiers = st.fixed_dictionaries(
        {"name": texts, "discount_percent": st.decimals(0, 99, places=2).map(str)},
        optional={
            "points_multiplier": decimals,
            "return_days": st.integers(0, 30),
            "may_downgrade": st.booleans(),
            "benefits": st.fixed_dictionaries(
                {}, optional={"shipping": st.just({"order_min": 99}), "trials": st.none()}
            ),
        },
    )
    return st.lists(st.tuples(codes, tiers), min_size=1, max_size=6, unique_by=lambda x: x[0]).map(
        lambda found: [
            {"code": code, "threshold": 100 * rank, **tier}
            for rank, (code, tier) in enumerate(found)
        ]
    )


@st.composite
def documents(draw):
    currency, exponent = draw(currencies)
    coupons = draw(st.lists(codes, max_size=3, unique=True))
    rules = draw(st.lists(codes, max_size=3, unique=True))
    rewards = draw(st.lists(codes, max_size=3, unique=True))
    ladder = draw(ladders())
    tiers = st.sampled_from([tier["code"] for tier in ladder])
    return {
        "name": draw(texts),
        "currency": currency,
        "rates": draw(st.dictionaries(st.sampled_from(["EUR", "HKD"]), decimals)),
        "points": {
            "expiry": draw(expiries),
            "rules": [
                {
                    "code": code,
                    "name": draw(texts),
                    "multiplier": draw(decimals),
                    "match": {"category": draw(st.lists(words, max_size=2))},
                    "cap_points": draw(st.dictionaries(st.just("day"), st.integers(1, 9))),
                }
                for code in rules
            ],
        },
        "tiers": {
            "score": {"spend_full": draw(st.integers(1000, 10**6)), "order_min": draw(money(0))},
            "ladder": ladder,
        },
        "coupons": [
            {"code": code, "name": draw(texts), "amount_off": draw(money(exponent))}
            for code in coupons
        ],
        "rewards": [
            {
                "code": code,
                "kind": "PHYSICAL",
                "title": draw(texts),
                "price_points": draw(st.integers(1, 10**6)),
                "prices": draw(st.dictionaries(tiers, st.integers(1, 99))),
                "stock": draw(st.none() | st.integers(0, 99)),
                "starts_at": draw(st.none() | instants),
                "cost": draw(st.none() | money(exponent)),
            }
            for code in rewards
        ],
        "referral": {"invitee_coupon": draw(st.sampled_from([None, *coupons]))},
    }


@given(documents())
def test_the_canonical_document_gives_back_an_equal_programme_also_as_json_and_yaml(document):
    programme = Programme.of(document)
    canonical = programme.document()
    again = Programme.of(json.loads(json.dumps(canonical)))
    assert again == programme
    assert again.document() == canonical
    assert again.digest == programme.digest
    assert parse(yaml.safe_dump(canonical, allow_unicode=False)) == programme


def test_equal_programmes_have_equal_digests_however_they_were_written():
    written = parse("referral: {order_min: 20.00}\ntiers: {keep_percent: 80}")
    assert written.digest == Programme().digest
    assert parse("referral: {order_min: 20.01}").digest != Programme().digest
    assert len(Programme().digest) == 64


def test_money_is_written_in_the_currency_s_own_decimals():
    assert Programme.of({"currency": "CNY"}).tiers.score.spend_full_minor == 2_000_000
    assert Programme.of({"currency": "JPY"}).tiers.score.spend_full_minor == 20_000
    assert Programme.of({"currency": "KWD"}).referral.order_min_minor == 20_000
    assert Programme.of({"referral": {"order_min": "12.34"}}).referral.order_min_minor == 1234
    yen = Programme.of({"currency": "JPY"}).document()
    assert yen["tiers"]["score"]["spend_full"] == "20000"


def test_a_programme_of_other_decimals_is_only_built_from_its_document():
    with pytest.raises(ValidationError, match=r"Programme\.of"):
        Programme(currency="JPY")


def test_a_float_is_refused_where_a_decimal_is_meant():
    with pytest.raises(ValidationError, match="is a float, which is not exact"):
        Programme.of({"points": {"multiplier_max": 1.1}})
    with pytest.raises(ValidationError, match="is not a plain decimal number"):
        Programme.of({"points": {"multiplier_max": Decimal("NaN")}})
    with pytest.raises(ValidationError, match="is not a number"):
        Programme.of({"points": {"multiplier_max": True}})


def test_nothing_of_a_programme_can_be_changed():
    programme = Programme.of({"rates": {"USD": "7.1"}})
    with pytest.raises(ValidationError, match="frozen"):
        programme.points.per_yuan = 2
    with pytest.raises(TypeError, match="does not support item assignment"):
        programme.rates["USD"] = Decimal(1)  # pyright: ignore[reportIndexIssue]


def test_texts_are_read_in_the_reader_s_language():
    text = Text(zh_cn="金卡", en="Gold")
    assert [text.in_(locale) for locale in ("zh-CN", "zh-TW", "en", "fr")] == [
        *("金卡", "金卡", "Gold", "Gold")
    ]


def test_the_ladder_answers_rank_tier_and_threshold():
    tiers = Programme().tiers
    assert [tiers.rank(tier.code) for tier in tiers.ladder] == [0, 1, 2, 3, 4]
    assert tiers.tier("GOLD").name.en == "Gold"
    with pytest.raises(KeyError):
        tiers.tier("COPPER")
    growth = Programme.of({"tiers": {"basis": "growth"}}).tiers
    assert [tiers.threshold(tier) for tier in tiers.ladder] == [0, 100, 300, 550, 800]
    assert [growth.threshold(tier) for tier in growth.ladder] == [0, 1_000, 5_000, 12_000, 20_000]


def test_keep_is_80_percent_of_the_threshold_rounded_down_unless_the_tier_says_its_own():
    tiers = Programme().tiers
    assert [tiers.keep(tier) for tier in tiers.ladder] == [0, 80, 240, 440, 640]
    odd = Tier(code="A", name=Text(zh_cn="一", en="A"), threshold=101)
    assert tiers.keep(odd) == 80
    assert tiers.keep(odd.model_copy(update={"keep": 90})) == 90


def test_milestones_of_one_day_add_up_and_once_means_the_first_time():
    check_in = CheckIn(
        milestones=(
            Milestone(every_days=7, points=20),
            Milestone(every_days=21, points=5, once=True),
        )
    )
    assert [check_in.bonus_points(day) for day in (0, 1, 7, 14, 21, 42)] == [0, 0, 20, 20, 25, 20]


def test_rewards_and_coupons_are_found_by_code_and_priced_by_tier():
    programme = Programme.of(
        {
            "coupons": [{"code": "TEN", "name": {"zh-CN": "十", "en": "Ten"}, "amount_off": 10}],
            "rewards": [
                {
                    "code": "MUG",
                    "kind": "PHYSICAL",
                    "title": {"zh-CN": "杯", "en": "Mug"},
                    "price_points": 1200,
                    "prices": {"GOLD": 1000},
                }
            ],
        }
    )
    mug = programme.reward("MUG")
    assert mug is not None
    assert [mug.price(tier) for tier in ("NORMAL", "GOLD")] == [1200, 1000]
    assert programme.reward("CUP") is None
    coupon = programme.coupon("TEN")
    assert coupon is not None
    assert (coupon.amount_off_minor, coupon.valid_days) == (1000, 30)
    assert programme.coupon("SIX") is None


def test_a_score_alone_reads_its_money_in_the_default_currency():
    assert Score().spend_full_minor == 2_000_000
    assert Score().order_min_minor == 2_000
