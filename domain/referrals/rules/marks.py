"""What did somebody leave behind? Keyed hashes of it, and of nothing is more kept."""

from collections.abc import Iterable
from unicodedata import normalize

from domain.members.rules import keyed_hash, valid_identifier
from domain.referrals.model import Arrival, Mark, MarkKind
from kit.contacts import contact_key
from kit.errors import InvalidInput

ADDRESS_LENGTH_MAX = 500


def arrival_marks(arrival: Arrival, secret: bytes) -> list[Mark]:
    """Of the device, the address and the means of payment, as far as they are told.

    Refuses INVALID_INPUT.
    """
    device, payment = arrival.device_id, arrival.payment
    address, within = arrival.address, arrival.within
    told: list[tuple[MarkKind, str | None]] = [
        ("device", device and valid_identifier(device, "deviceId", within)),
        ("address", address and _valid_address(address, within)),
        ("payment", payment and valid_identifier(payment, "paymentFingerprint", within)),
    ]
    return [mark for kind, text in told if text and (mark := mark_of(kind, text, secret))]


def contact_marks(contacts: Iterable[str | None], secret: bytes) -> list[Mark]:
    """Of a mailbox however it is spelled, and of a phone number."""
    found = (mark_of("contact", contact, secret) for contact in contacts if contact)
    return [mark for mark in found if mark is not None]


def mark_of(kind: MarkKind, text: str, secret: bytes) -> Mark | None:
    """None for an address in which nothing can be read.

    A device's is the hash that its member's row has, too.
    """
    match kind:
        case "device":
            return Mark(kind, keyed_hash(text, secret))
        case "address":
            text = one_spelling(text)
        case "contact":
            text = contact_key(text)
        case "payment":
            pass
    return Mark(kind, keyed_hash(f"{kind}:{text}", secret)) if text else None


def one_spelling(address: str) -> str:
    """Letters and figures alone, full width or half: `12, Elm St.` and `12 ELM ST` are one."""
    folded = normalize("NFKC", address).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _valid_address(text: str, within: str) -> str:
    if len(text) > ADDRESS_LENGTH_MAX:
        raise InvalidInput(
            [within, "address"],
            f"at most {ADDRESS_LENGTH_MAX} characters",
            f"最多 {ADDRESS_LENGTH_MAX} 个字符",
        )
    return text
