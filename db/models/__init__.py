"""Which tables are there? One Tortoise model each, a module for each context."""

from db.models.members import Member

__all__ = ["Member"]
