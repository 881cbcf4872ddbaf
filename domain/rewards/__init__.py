"""Rewards: the one door through which value is issued, and the shelf on which points are spent.

Owns redemptions, the stock that was sold and the pools of codes. A *reward* is what the programme
offers for points; a *redemption* is a member's purchase of one. What a rule gives comes as effects
and leaves by `steps.issue`.
"""
