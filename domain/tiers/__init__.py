"""Tiers: how a member's orders and interactions become a score, and a score a tier.

Owns the composite score, a member's standing (the tier, its retention period and the periods that
would resume beneath it) and the progress that members see.

Words: the *score* is that of the trailing window; its *settled* form counts only orders whose
return window has passed. An upgrade is *provisional* until the settled score reaches it. A refund
while it is makes the tier *fall* to the highest that is still reached, and the former period
resumes. What *keeps* a tier is a share of its threshold.

Invariants: the parts of a score sum to it; a confirmed tier never falls by a refund; spending
points never lowers a tier; under the top of a standing lies exactly one confirmed period, or none
where the top itself is confirmed.
"""
