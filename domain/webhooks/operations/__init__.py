"""Which verbs set up endpoints, send what they are to be told, and send it again?"""

from domain.webhooks.operations.endpoints import (
    create,
    delete,
    disable,
    enable,
    rotate_secret,
    update,
)
from domain.webhooks.operations.replaying import prune, replay, replay_since, send_test
from domain.webhooks.operations.sending import prepare, record
from domain.webhooks.steps import SEND

__all__ = [
    "SEND",
    "create",
    "delete",
    "disable",
    "enable",
    "prepare",
    "prune",
    "record",
    "replay",
    "replay_since",
    "rotate_secret",
    "send_test",
    "update",
]
