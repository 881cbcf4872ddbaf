"""A year of real purchases as facts from a shop: read from a package, sent through the public API.

The data is the Complete Journey of 84.51°: 155,848 baskets of 2,469 households, simulated from real
purchases and meant for education. A household becomes a member, a basket an `order.paid`.
"""
