"""Devices: from where does a member take value, and do we know it?

Owns the devices that a member was seen with, their presence (when they were here, came back after
long, proved a contact of theirs, raised an alarm), the one-time code that is out, and what left
from devices that aren't trusted. Words: a device is *named* by its client, which is a signal and no
proof, and kept as a keyed hash; it is *trusted* once it was the first one, was confirmed by a code,
or was around for long enough; a *stranger* isn't. An account *wakes* with the first visit after
having been *dormant*. Invariants: in any 24 hours no more than the programme's limits leave from
strangers together, however many there are; no code is stored, only what it is made of with the
secret that isn't in the database.
"""
