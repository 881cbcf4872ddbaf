"""Noun-free helpers that no other layer is below: clock, ids, errors, paging, money, calendar, settings."""
