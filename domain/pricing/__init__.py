"""Pricing: what a cart costs a member, to the minor unit, and why.

A pure function of cart, buyer, coupons and programme. Order of discounts, published: the tier's,
then coupons by priority, then what points pay, then what the balance (CREDIT) pays. Every discount
is spread over the lines that it concerns by largest remainder; no line falls below zero, and the
parts sum to the whole.
"""
