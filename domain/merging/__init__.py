"""Merging: two members turn out to be one person.

Owns the table `merge` and the directory `alias`. Words: the *survivor* goes on, the *absorbed* is
known by their ids for good; what comes in under those is the survivor's. An *unmerge* parts them
again, each with what is theirs.

Invariants: no value arises or is lost: what leaves one wallet arrives in the other; who was
absorbed has nothing; nothing is paid for a second time; what is append-only is never touched.
"""
