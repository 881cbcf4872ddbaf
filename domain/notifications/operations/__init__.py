"""What can be done with notifications?"""

from domain.notifications.operations.preferring import (
    Changed,
    register_push,
    remove_push,
    unsubscribe,
    update_preference,
)
from domain.notifications.operations.reading import mark_read
from domain.notifications.operations.sending import deliver
from domain.notifications.steps import SEND

__all__ = [
    "SEND",
    "Changed",
    "deliver",
    "mark_read",
    "register_push",
    "remove_push",
    "unsubscribe",
    "update_preference",
]
