"""Badges: marks of honour, each awarded to a member once."""
