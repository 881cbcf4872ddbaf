"""Checkouts: a cart that is being paid, with what is kept for it until it is.

A *quote* is a price without effect. An open *checkout* has agreed to one price: its coupons are
reserved and its points and credit held, in one transaction, until it is *completed* (paid in time),
*cancelled*, or *lapses*. It lapses at one instant, `lapses_at`, that is the hold's as well: from
then on every reader sees it EXPIRED and its points available, whenever a job writes so.

Invariants: an open checkout has its open holds and its reserved coupons; a completed one has
debited each value once, and its debits are known by their transfers; what was paid in time is
honoured however late that is told.
"""
