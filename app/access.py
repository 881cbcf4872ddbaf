"""With what does this process sign tokens?"""

from app.tokens import checked_secret, load_or_create_secret
from kit.settings import Settings

SECRET_FILE = "secret"  # noqa: S105  its name


class SecretTooShort(ValueError):
    """ACCRUE_SECRET can't be used."""


def signing_secret(settings: Settings) -> bytes:
    """ACCRUE_SECRET, or the key that the data folder keeps from its first use on."""
    if not settings.secret:
        return load_or_create_secret(settings.data_dir / SECRET_FILE)
    try:
        return checked_secret(settings.secret.encode())
    except ValueError as error:
        raise SecretTooShort(f"ACCRUE_SECRET: {error}") from None
