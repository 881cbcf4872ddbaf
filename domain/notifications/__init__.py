"""Notifications: what a member is told, and how it reaches them.

Invariant: a member is told once of each cause (member, template, cause), whatever is retried.
"""
