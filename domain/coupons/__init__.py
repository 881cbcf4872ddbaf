"""Coupons: a promise of so much off, carried by a code that only its holder knows.

Owns the coupon's row and the directory of codes. A coupon's face (what it is worth, how long it is
valid) belongs to the programme; its code is random, and its last character checks the rest.
"""
