"""SQL for what members show to others of what they have reached, read with whoever is shown."""

from uuid import UUID

from asyncpg import Record

from db.connection import Tx

BADGES_MAX = 200
# Of the member m, as everybody sees them; nobody is left behind a pseudonym to be honoured.
OF_AUTHOR = """
json_build_object(
  'title', CASE WHEN coalesce(h.shows_title, true) THEN n.badge END,
  'tier_code', CASE WHEN coalesce(h.shows_tier, true) AND m.erased_at IS NULL THEN s.tier_code END)
"""
OF_PROFILE = f"""
json_build_object(
  'badges', CASE WHEN coalesce(h.shows_badges, true) AND m.erased_at IS NULL THEN (
    SELECT json_agg(b ORDER BY b.awarded_at DESC, b.code) FROM (
      SELECT code, awarded_at FROM badge WHERE member_id = m.member_id
      ORDER BY awarded_at DESC, code LIMIT {BADGES_MAX}) AS b) END,
  'growth', CASE WHEN coalesce(h.shows_growth, false) AND m.erased_at IS NULL THEN (
    SELECT available FROM wallet WHERE member_id = m.member_id AND currency = 'GROWTH') END)
"""  # noqa: S608  a constant of this module
JOINED = """
LEFT JOIN honour_setting h ON h.member_id = m.member_id
LEFT JOIN chosen_title n ON n.member_id = m.member_id
LEFT JOIN standing s ON s.member_id = m.member_id
"""


async def shown(tx: Tx, member_id: UUID) -> Record | None:
    return await tx.fetchrow("SELECT * FROM honour_setting WHERE member_id = $1", member_id)
