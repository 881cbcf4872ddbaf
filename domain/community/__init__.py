"""Community: what members say to each other, and whom and what they like and follow.

Owns posts, comments (two levels), likes, follows and topics that are followed. Words: a *topic* is
a place for posts, named by the programme; *content* is a post or a comment; what *stands* is
content that others see. Everything a member says or does is a row of their own, written under
their lock. What it does to somebody else (a count) is done by a job under that member's lock, which
looks at the row as it is then: so counts are exact whatever the order of likes and unlikes, a
moment later. Invariants: `like_count` is the number of `community_received` rows of that content
that are on, and the same for comments and followers.
"""
