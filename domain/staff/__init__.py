"""Staff: what each of them did, what one may do alone, and what waits for a second.

Owns the acts, one chain of hashes for each person, and the proposals. An *act* is something that
staff did with value, or about it; a *proposal* is what one may not do alone; *alone* is without a
second. Who may do what alone is said by the programme (`adjustments.alone`). A *person* is a
subject of staff tokens, however it is written (`rules.person_of`), so that two tokens are one.

Invariants: what one person does alone within any 24 hours is within the limit, because it is
summed up under the lock of the end of their chain; a proposal is decided once, and never by who
made it or whom it is for; an act is never changed or deleted, and the chain tells if one was.
Locks: members, then a proposal, then the end of one chain.
"""
