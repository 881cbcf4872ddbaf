"""How are members told, when and how often?"""

from domain.programme.model.base import Section


class Notifications(Section):
    """The policy of messages."""
