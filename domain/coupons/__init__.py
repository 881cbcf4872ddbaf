"""Coupons: a promise of so much off, carried by a code that only its holder knows.

Owns the coupon's row and its life, the directory of codes, how many of a template were issued, and
vouchers: codes that are nobody's until somebody enters one. What a coupon says (its *template*)
belongs to the programme, in the version under which it was issued. Invariants: no more of a
template are issued than its stock, and to no member more than its limit, whatever issues them; a
coupon is used by one checkout; a code that doesn't work says nothing of why.
"""
