"""Noun-free helpers without I/O: clock, ids, errors, paging, money, calendar, settings."""
