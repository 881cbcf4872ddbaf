"""Members: who takes part, how they prove it, and whether they may.

Owns the member's row, contacts, credentials and suspension, and the keys of the services that
speak for the shop. A *member* is a person in the programme; *sign-in* is authentication. The
member's row is also the member's lock: a verb that moves value of a member holds it first, so
that one order of locks is enough. A contact or a shop's customer id belongs to one member, for
the directories' keys say so, however many requests ask at once.
"""
