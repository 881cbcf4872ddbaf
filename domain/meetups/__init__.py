"""Meetups: events of the programme that members sign up for, and come to.

Owns sign-ups, the seats that are taken and the tickets. Words: a *meetup* is an event in time and
place (an *event* is a fact from outside); a *seat* is one of its `capacity`; who finds none stands
in *line*. Invariants: `taken` is the number of sign-ups that are SEATED or ATTENDED and never above
the capacity; nobody gets a seat before those who stand in line.
"""
