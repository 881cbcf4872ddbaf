"""The dashboard: everything a member's first screen shows, by one read.

Owns nothing; it reads what the other contexts own, as plain data with no further await behind it.
"""
