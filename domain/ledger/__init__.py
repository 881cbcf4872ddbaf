"""The ledger: wallets, lots, transfers, holds.

Owns every movement of value. Its words: a *wallet* is a member's balances in one currency, a *lot*
is points, or credit, that came together, a *transfer* moves a positive amount from one account to
another and is never changed.

Invariants: accounts of a currency sum to zero; a wallet is the sum of its transfers; available is
what active lots have remaining; held is what open holds hold; a lot is spent, expired, taken back
or still there, and never negative; debt means that nothing is available; every transfer has a
decision and its place in the wallet's hash chain.
"""
