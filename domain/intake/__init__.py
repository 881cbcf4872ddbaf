"""Facts from the shop: taken in at once, judged one by one, and turned into value by workers.

Owns the inbox. An *event* is a fact from outside, unique by source and id for ever. Events of one
member are processed in the order of their arrival; a refund that overtakes its order is parked,
a poisonous event is set aside, and neither holds up anybody else.
"""
