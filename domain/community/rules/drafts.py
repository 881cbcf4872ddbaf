"""Can that be said at all?"""

from unicodedata import category
from urllib.parse import urlsplit

from domain.community.model import Draft
from domain.programme.model import Community
from kit.errors import InvalidInput
from kit.seen import is_blank

URL_LENGTH_MAX = 500
WORD_LENGTH_MAX = 128
RATINGS = range(1, 6)
_LAYOUT = frozenset("\n\t")


def check_draft(draft: Draft, community: Community) -> None:
    """Refuses INVALID_INPUT."""
    _check_body(draft.body, community.post_length_max)
    if len(draft.images) > community.images_max:
        most = community.images_max
        raise InvalidInput(
            ["input", "images"], f"{most} images are the most", f"最多 {most} 张图片"
        )
    for place, url in enumerate(draft.images):
        if not is_image_url(url):
            raise InvalidInput(
                ["input", "images", str(place)],
                f"not an https URL of at most {URL_LENGTH_MAX} characters",
                f"应为不超过 {URL_LENGTH_MAX} 个字符的 https 地址",
            )
    if draft.sku is not None:
        _check_word(draft.sku, ["input", "sku"])
    for name, word in zip(("orderSource", "orderId"), draft.order or (), strict=False):
        _check_word(word, ["input", name])
    _check_review(draft)
    if draft.order is not None and draft.sku is not None:
        raise InvalidInput(
            ["input", "sku"], "an order shows its own goods", "晒单展示订单自己的商品"
        )


def _check_review(draft: Draft) -> None:
    if (draft.line_id is None) != (draft.rating is None):
        raise InvalidInput(["input", "rating"], "goes with lineId", "与 lineId 一起使用")
    if draft.line_id is not None and draft.order is None:
        raise InvalidInput(["input", "orderId"], "a review is of an order", "评价须对应订单")
    if draft.rating is not None and draft.rating not in RATINGS:
        raise InvalidInput(["input", "rating"], "1 to 5 stars", "评分为 1 至 5 星")
    if draft.is_question and draft.order is not None:
        raise InvalidInput(["input", "orderId"], "a question shows no order", "提问不展示订单")


def check_shared(*, is_post: bool, sku: str | None) -> None:
    """Refuses INVALID_INPUT."""
    if is_post == (sku is not None):
        raise InvalidInput(["sku"], "a post or goods, one of the two", "帖子与商品二选一")
    if sku is not None:
        _check_word(sku, ["sku"])


def check_comment(body: str, community: Community) -> None:
    """Refuses INVALID_INPUT."""
    _check_body(body, community.comment_length_max)


def is_image_url(url: str) -> bool:
    """An https URL with a host and nothing that isn't printable ASCII; we never fetch it."""
    if len(url) > URL_LENGTH_MAX or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _check_body(body: str, length_max: int) -> None:
    seen = not any(category(letter) in {"Cc", "Cs"} and letter not in _LAYOUT for letter in body)
    if is_blank(body) or len(body) > length_max or not seen:
        raise InvalidInput(
            ["input", "body"],
            f"a text has 1 to {length_max} characters, and none that control",
            f"内容应为 1 至 {length_max} 个字符，且不含控制字符",
        )


def _check_word(word: str, path: list[str]) -> None:
    if not 1 <= len(word) <= WORD_LENGTH_MAX or not word.isprintable():
        raise InvalidInput(
            path,
            f"it has 1 to {WORD_LENGTH_MAX} printable characters",
            f"应为 1 至 {WORD_LENGTH_MAX} 个可见字符",
        )
