"""Orders: what was bought, what it earned, what a refund takes back.

Owns the purchases and refunds. One order is one purchase for its whole life, with one lot; its
shares are of what was granted and never re-priced.
"""
