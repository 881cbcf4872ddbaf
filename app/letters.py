"""By whom does a worker have letters carried? As the settings say."""

from app.access import signing_secret
from app.unsubscribing import links
from domain.notifications.model import Channel, Outbox, Provider
from kit.settings import Settings
from workers.carriers import provider


def outbox(settings: Settings) -> Outbox:
    """Raises BadAddress where a setting can't be used."""
    urls = {
        Channel.EMAIL: settings.smtp_url,
        Channel.SMS: settings.sms_url,
        Channel.PUSH: settings.push_url,
    }
    providers: dict[Channel, Provider] = {
        channel: provider(channel, url, settings.provider_secret)
        for channel, url in urls.items()
        if url
    }
    return Outbox(providers, links(settings.public_url, signing_secret(settings)))
