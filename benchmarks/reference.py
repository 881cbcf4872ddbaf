"""How fast could it be? A bare Starlette route: one SQL statement makes the whole answer."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

# The same answer as dashboard.graphql's for a member of the crowd, whose tier is the lowest and who
# has neither check-ins nor redemptions nor invitees.
DASHBOARD = r"""
SELECT json_build_object('data', json_build_object('me', json_build_object(
  'id', rtrim(translate(encode('Member:'::bytea || uuid_send(m.member_id), 'base64'),
    '+/' || chr(10), '-_'), '='),
  'nickname', m.nickname,
  'tier', json_build_object('code', 'NORMAL', 'name', 'Normal', 'discountPercent', '5',
    'pointsMultiplier', '1'),
  'tierProgress', json_build_object('score', s.spend_score + s.frequency_score,
    'spendScore', s.spend_score, 'frequencyScore', s.frequency_score,
    'nextTier', json_build_object('code', 'SILVER', 'name', 'Silver', 'threshold', 100),
    'scoreToNext', greatest(0, 100 - s.spend_score - s.frequency_score), 'keepScore', 0,
    'periodEndsAt', NULL, 'state', 'ACTIVE'),
  'points', json_build_object('available', w.available, 'pending', w.pending, 'held', w.held,
    'expiringWithin30Days', (SELECT coalesce(sum(l.remaining), 0) FROM lot l
      WHERE l.member_id = m.member_id AND l.currency = 'POINTS' AND l.remaining > 0
      AND l.activated_at IS NOT NULL AND l.expires_at <= now() + interval '30 days'),
    'lifetimeEarned', w.lifetime_earned),
  'growth', (SELECT g.available FROM wallet g
    WHERE g.member_id = m.member_id AND g.currency = 'GROWTH'),
  'checkInStatus', json_build_object('checkedInToday', EXISTS (SELECT FROM check_in c
      WHERE c.member_id = m.member_id AND c.day >= (now() AT TIME ZONE m.timezone)::date),
    'streakDays', 0),
  'pointsHistory', (SELECT json_build_object('nodes', (array_to_json(array_agg(json_build_object(
      'id', rtrim(translate(encode('PointsEntry:'::bytea || uuid_send(m.member_id)
        || decode(lpad(to_hex(e.seq), 32, '0'), 'hex'), 'base64'), '+/' || chr(10), '-_'), '='),
      'amount', e.amount, 'kind', e.kind, 'reason', e.reason,
      'occurredAt', to_char(e.occurred_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      'expiresAt', to_char(e.expires_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) ORDER BY e.seq DESC))),
    'pageInfo', json_build_object('hasNextPage', false, 'endCursor',
      rtrim(translate(encode(('[' || min(e.seq) || ']')::bytea, 'base64'), '+/', '-_'), '=')))
    FROM (SELECT t.*, (SELECT l.expires_at FROM lot_move v JOIN lot l
        ON l.member_id = v.member_id AND l.id = v.lot_id AND l.opened_by = t.seq
        WHERE v.member_id = t.member_id AND v.currency = 'POINTS' AND v.seq = t.seq) AS expires_at
      FROM transfer t WHERE t.member_id = m.member_id AND t.currency = 'POINTS'
      AND (t.debit_account IN ('pending', 'available', 'held', 'debt'))
        <> (t.credit_account IN ('pending', 'available', 'held', 'debt'))
      ORDER BY t.seq DESC LIMIT 10) AS e),
  'redemptions', json_build_object('nodes', coalesce((SELECT json_agg(r) FROM (SELECT * FROM
    redemption WHERE member_id = m.member_id ORDER BY id DESC LIMIT 5) AS r), '[]'::json)),
  'referral', (SELECT json_build_object('code', m.referral_code, 'bound', count(*),
    'qualified', count(i.qualified_at), 'rewarded', count(*) FILTER (WHERE i.state = 'REWARDED'),
    'pointsEarned', coalesce(sum(i.points), 0))
    FROM invitation i WHERE i.member_id = m.member_id))))
FROM member m JOIN wallet w ON w.member_id = m.member_id AND w.currency = 'POINTS'
CROSS JOIN LATERAL (SELECT floor(spend)::bigint AS spend_score,
    floor(spend + orders)::bigint - floor(spend)::bigint AS frequency_score
  FROM (SELECT 600.0 * least(sum(p.base_left_minor), 2000000) / 2000000 AS spend,
      400.0 * least(count(DISTINCT p.day) FILTER (WHERE p.eligible_left_minor >= 2000), 50) / 50
        AS orders
    FROM purchase p WHERE p.member_id = m.member_id AND p.paid_at > now() - interval '1 year') AS x
) AS s
WHERE m.member_id = $1
"""

POSTS_COUNT = 20
# As many posts as a page of a feed has, with their authors' names, by one index.
POSTS = f"""
SELECT to_jsonb(p)::text AS content, m.nickname FROM (SELECT * FROM community_post
  WHERE state = 'VISIBLE' AND (heat, id) < ($1::bigint, $2::uuid)
  ORDER BY heat DESC, id DESC LIMIT {POSTS_COUNT + 1}) AS p
JOIN member m USING (member_id) ORDER BY heat DESC, id DESC
"""  # noqa: S608  a number of ours
_HOTTEST = (2**62, UUID(int=2**128 - 1))


async def dashboard(request: Request) -> Response:
    found = await request.app.state.pool.fetchval(DASHBOARD, UUID(request.query_params["member"]))
    return Response(found, media_type="application/json")


async def posts(request: Request) -> Response:
    rows = await request.app.state.pool.fetch(POSTS, *_HOTTEST)
    shown = ",".join(row["content"] for row in rows[:POSTS_COUNT])
    return Response(f"[{shown}]", media_type="application/json")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    settings = {"jit": "off"}
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=2, max_size=20, server_settings=settings
    ) as pool:
        app.state.pool = pool
        yield


app = Starlette(routes=[Route("/dashboard", dashboard), Route("/posts", posts)], lifespan=lifespan)
