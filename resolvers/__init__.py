"""Thin adapters: viewer and arguments in, one domain call, domain values out."""
