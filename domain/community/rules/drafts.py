"""Can that be said at all?"""

from unicodedata import category
from urllib.parse import urlsplit

from domain.community.model import Draft
from domain.programme.model import Community
from kit.errors import InvalidInput

URL_LENGTH_MAX = 500
WORD_LENGTH_MAX = 128
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
    if draft.order is not None and draft.sku is not None:
        raise InvalidInput(
            ["input", "sku"], "an order shows its own goods", "晒单展示订单自己的商品"
        )


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
    if not body.strip() or len(body) > length_max or not seen:
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
