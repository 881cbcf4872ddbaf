"""Points: what an order or an interaction earns, when it becomes available, when it expires.

Owns the purchase as the points see it (lines with their net amounts, what each was granted and
how much of it was refunded), the caps of earning rules and the words that explain an entry. The
movements themselves are the ledger's.

Words: the *earning base* of a line is its net amount after discounts, without the part paid with
points; shipping and ineligible lines have none. A line's *net* is in the order's currency, its
base in the programme's. What is *kept* after refunds is a share of what was granted.

Invariants: an order is rounded once, down; what its lines were granted sums to what it was
granted; any number of partial refunds, in any order, takes back exactly what one refund would.
"""
