"""By whom does a worker have letters carried? As the settings say."""

from functools import partial

from app.access import signing_secret
from app.unsubscribing import links
from domain.devices.rules import code_text
from domain.notifications.model import Channel, Outbox, Provider
from kit.settings import Settings
from workers.carriers import BadAddress, provider


def outbox(settings: Settings) -> Outbox:
    """Raises BadAddress, which names the setting, where one can't be used."""
    urls = {
        Channel.EMAIL: ("ACCRUE_SMTP_URL", settings.smtp_url),
        Channel.SMS: ("ACCRUE_SMS_URL", settings.sms_url),
        Channel.PUSH: ("ACCRUE_PUSH_URL", settings.push_url),
    }
    providers: dict[Channel, Provider] = {}
    for channel, (name, url) in urls.items():
        try:
            if url:
                providers[channel] = provider(channel, url, settings.provider_secret)
        except BadAddress as reason:
            raise BadAddress(f"{name}: {reason}") from None
    secret = signing_secret(settings)
    code = partial(code_text, secret=secret)
    return Outbox(providers, links(settings.public_url, secret), code)
