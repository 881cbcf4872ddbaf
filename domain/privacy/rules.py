"""May this be erased by who asks, and as whom is a member known after it?"""

import re
from datetime import datetime, timedelta

from domain.privacy.errors import FreshSignInNeeded
from domain.privacy.model import Asked, Proof
from kit.errors import InvalidInput

FRESH_MINUTES = 10
PSEUDONYMS = {"zh-CN": "已注销会员", "en": "Former member"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/-]{1,64}")


def check_asked(asked: Asked) -> None:
    """Refuses INVALID_INPUT."""
    if _REQUEST_ID.fullmatch(asked.request_id) is None:
        raise InvalidInput(
            ["input", "requestId"],
            "1 to 64 letters, digits and . _ : / -, such as a ticket's number",
            "须为 1 至 64 个字母、数字或 . _ : / -，例如工单号",
        )


def pseudonym(locale: str) -> str:
    """The same for everybody of a language, so that it tells nobody from another."""
    return PSEUDONYMS.get(locale, PSEUDONYMS["en"])


def require_fresh(proof: Proof, now: datetime) -> None:
    """Refuses FRESH_SIGN_IN_NEEDED for a token of ten minutes ago, and for one that doesn't say."""
    signed_in_at = proof.signed_in_at
    if signed_in_at is None or now - signed_in_at > timedelta(minutes=FRESH_MINUTES):
        raise FreshSignInNeeded(FRESH_MINUTES)
