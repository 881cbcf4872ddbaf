"""Lotteries: draws whose odds are published and whose chance can be verified afterwards.

Owns rounds, what each has given so far, and draws. A *round* has one secret *seed*; its hash, the
*commitment*, is published before the first draw and the seed after the last one. A *roll* is what
seed, round, member, number of the draw (*nonce*) and the member's own *client seed* make it; it
*names* a prize by the published weights. What is *given* is that prize, or the published
*consolation* where the prize is exhausted or over the round's budget.

Invariants: a round's weights, budget and stock never change; no draw is made once a round is
closed, and no seed is told before; no round gives more of a prize than its stock, or for more than
its budget. What is given is issued by `rewards`, the one door for value.
"""
