"""Are two email addresses or phone numbers the same, and do they reach the same person?"""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

# Domains of one provider whose addresses are one mailbox, by the one that stands for them.
_ONE_MAILBOX = {
    "googlemail.com": "gmail.com",
    "mac.com": "icloud.com",
    "me.com": "icloud.com",
    "pm.me": "proton.me",
    "protonmail.ch": "proton.me",
    "protonmail.com": "proton.me",
    "ya.ru": "yandex.ru",
    "yandex.by": "yandex.ru",
    "yandex.com": "yandex.ru",
    "yandex.kz": "yandex.ru",
}
_TAG_IGNORED = {
    *_ONE_MAILBOX.values(),
    "fastmail.com",
    "fastmail.fm",
    "hey.com",
    "mailbox.org",
    "msn.com",
    "posteo.de",
    "zoho.com",
}
# Microsoft's, of every country: `outlook.de`, `hotmail.co.uk`.
_MICROSOFT = re.compile(r"(hotmail|live|outlook)\.(com|[a-z]{2})(\.[a-z]{2})?")
# What a provider doesn't see in a name, or takes for something else.
_UNSEEN = {
    "gmail.com": str.maketrans("", "", "."),
    "proton.me": str.maketrans("", "", ".-_"),
    "yandex.ru": str.maketrans("-", "."),
}
_CHINESE_MOBILE = re.compile(r"\+861[3-9]")
_CHINESE_MOBILE_LENGTH = len("+8613800138000")


def normal_email(text: str) -> str:
    """One spelling per address: trimmed, in lower case, the domain in ASCII. ValueError for none.

    Nobody is asked whether it exists, and `.test` passes, for shops that are being tried out.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as reason:
        raise ValueError(str(reason)) from None
    domain = found.ascii_domain
    if "." not in domain:
        raise ValueError("an email address has a domain with a dot")
    return f"{found.local_part.lower()}@{domain.lower()}"


def normal_phone(text: str, region: str = "CN") -> str:
    """E.164, such as +8613800138000; `region` is that of a number without a country code.

    Judged by its length, not by numbering plans, which change more often than the table of them
    that is installed here. A Chinese mobile number has 11 digits: of more the rest is ignored when
    it is called, so that one phone would have any number of them. ValueError for what is none.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as reason:
        raise ValueError(str(reason)) from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("not a phone number")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if _CHINESE_MOBILE.match(written) and len(written) != _CHINESE_MOBILE_LENGTH:
        raise ValueError("not a phone number")
    return written


def contact_key(contact: str, region: str = "CN") -> str:
    """Equal for contacts that reach the same person: aliases of one mailbox, one phone number.

    `A.n.n+shop@googlemail.com` is `email:ann@gmail.com`. For comparing only: mail goes to the
    address as it was given. ValueError for what is neither.
    """
    if "@" not in contact:
        return f"phone:{normal_phone(contact, region)}"
    name, _, domain = normal_email(contact).rpartition("@")
    domain = _ONE_MAILBOX.get(domain, domain)
    if domain in _TAG_IGNORED or _MICROSOFT.fullmatch(domain):
        name = name.partition("+")[0] or name
    return f"email:{name.translate(_UNSEEN.get(domain, {}))}@{domain}"
