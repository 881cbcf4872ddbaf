"""Webhooks: a shop's systems are told of facts, signed as Standard Webhooks says.

An *endpoint* is an address that wants to hear; an *event* is a fact as it is told; a *delivery* is
an event on its way to an endpoint. Invariants: an event is written with its fact, in the same
transaction, once; it is sent at least once under one id; an endpoint that fails holds nothing up.
"""
