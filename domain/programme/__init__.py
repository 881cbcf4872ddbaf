"""The programme: everything an operator may tune, as one immutable, versioned document.

An operator writes YAML (`programmes/*.yaml`); `rules.parse` turns it into a `model.Programme` or
says, line by line, what is wrong. A published version never changes: decisions name the version
that they were made under.

Invariants: a programme that parses breaks no rule of the domain; its canonical document gives
back an equal programme; no number passes through a binary float; what members read exists in
zh-CN and in en.
"""
