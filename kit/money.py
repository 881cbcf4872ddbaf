"""How is an amount split without losing a unit, and how is it written?"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

_NOT_TWO_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
_EXPONENTS = {code: digits for digits, codes in _NOT_TWO_DECIMALS.items() for code in codes.split()}
_SYMBOLS = {
    "zh-CN": {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥"},
    "en": {"CNY": "CN¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "¥"},
}


def exponent(currency: str) -> int:
    """Decimals of an ISO 4217 currency: its yuan has 10^exponent minor units."""
    return _EXPONENTS.get(currency, 2)


def largest_remainder(total: int, weights: Sequence[tuple[str, int | Fraction]]) -> dict[str, int]:
    """Split `total` in proportion to `weights` (id, exact weight) so that the parts sum to it.

    Everyone gets the floor of their share; what is left goes one by one to the largest remainders,
    ties by id. A weight of zero gets nothing, and nobody gets more than their share rounded up, so
    a total that is at most the sum of whole weights gives nobody more than their own weight.

    10 over a: 1, b: 1, c: 1 is a: 4, b: 3, c: 3.
    """
    if not total:
        return {key: 0 for key, _ in weights}
    scale = lcm(*(weight.denominator for _, weight in weights))
    shares = [(key, weight.numerator * (scale // weight.denominator)) for key, weight in weights]
    whole = sum(share for _, share in shares)
    if not whole:
        raise ValueError("nothing to split over")
    parts: dict[str, int] = {}
    remainders: list[tuple[int, str]] = []
    for key, share in shares:
        parts[key], remainder = divmod(total * share, whole)
        remainders.append((-remainder, key))
    for _, key in sorted(remainders)[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """`largest_remainder` over whole weights in an order of their own, which breaks ties.

    Where every weight is 0, so must `total` be. 10 over [1, 1, 1] is [4, 3, 3].
    """
    if not total:
        return [0] * len(weights)
    whole = sum(weights)
    shares = [total * weight for weight in weights]
    parts = [share // whole for share in shares]
    if short := total - sum(parts):
        remainders = [share % whole for share in shares]
        largest = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
        for place in largest[:short]:
            parts[place] += 1
    return parts


def plain_amount(amount_minor: int, currency: str) -> str:
    """`1250` of CNY is "12.50", of JPY "1250"."""
    return _decimal(amount_minor, currency, separator="")


def format_money(amount_minor: int, currency: str, locale: str) -> str:
    """An amount as a reader of `locale` writes it: ¥1,234.50 in zh-CN, CN¥1,234.50 in en.

    A currency without a sign of its own is written by its code: CHF 12.50, with a no-break space.
    """
    sign = _SYMBOLS["zh-CN" if locale.startswith("zh") else "en"].get(currency, f"{currency}\xa0")
    minus = "-" if amount_minor < 0 else ""
    return f"{minus}{sign}{_decimal(abs(amount_minor), currency, separator=',')}"


def _decimal(amount_minor: int, currency: str, *, separator: str) -> str:
    minus = "-" if amount_minor < 0 else ""
    digits = exponent(currency)
    whole, rest = divmod(abs(amount_minor), 10**digits)
    decimals = f".{rest:0{digits}}" if digits else ""
    return f"{minus}{f'{whole:{separator}}'}{decimals}"
