"""SQL that looks for counts that are not what they count. Both statements only read."""

_RECEIVED = """(SELECT count(*) FROM community_received r WHERE r.member_id = c.member_id
    AND r.subject_id = c.id AND r.kind = '{}' AND r.is_on)"""
COUNTS = f"""
SELECT c.member_id, 'community_post ' || c.id AS row FROM community_post c
WHERE c.member_id = ANY($1) AND (c.like_count <> {_RECEIVED.format("LIKE")}
  OR c.comment_count <> {_RECEIVED.format("COMMENT")})
UNION ALL
SELECT c.member_id, 'community_comment ' || c.id FROM community_comment c
WHERE c.member_id = ANY($1) AND c.like_count <> {_RECEIVED.format("LIKE")}
"""  # noqa: S608  constants of this module
"""Of members: their content whose likes or comments are not those that they received."""

SEATS = """
SELECT NULL::uuid AS member_id, 'meetup_tally ' || t.meetup AS row FROM meetup_tally t
LEFT JOIN (SELECT meetup, count(*) FILTER (WHERE state IN ('SEATED', 'ATTENDED')) AS taken,
    count(*) FILTER (WHERE state = 'WAITING') AS waiting
  FROM meetup_sign_up GROUP BY 1) AS s USING (meetup)
WHERE (t.taken, t.waiting) IS DISTINCT FROM (coalesce(s.taken, 0), coalesce(s.waiting, 0))
"""
"""Meetups whose seats and line are not those of their sign-ups."""
