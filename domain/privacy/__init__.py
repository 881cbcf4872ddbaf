"""Privacy: a member sees all that is known of them, and can have it forgotten.

Owns the table `erasure`, the journal of who was erased. Words: an *export* is everything that
concerns a member, as JSON; an *erasure* takes away what tells who they are, what they said in words
and what is on its way to them, and ends what they have. What the books stand on stays under a
pseudonym. `db.queries.personal` says of every table what an export shows of it and what an erasure
does with it.

Invariants: who was erased has no points and no credit; the ledger, its chains and the decisions of
the rules are what they were, but for words that somebody wrote; an erasure is for ever, also after
a restore (the journal is replayed).
"""
