"""SQL that looks for what must never be of the programme as a whole, and for work that is late."""

from db.queries.community.audit import SEATS

OF_THE_WHOLE: dict[str, str] = {
    "seats": SEATS,
    "pools": """
SELECT c.member_id, 'reward_code ' || c.pool || ' ' || c.code AS row FROM reward_code c
LEFT JOIN redemption r ON r.member_id = c.member_id AND r.id = c.redemption_id
WHERE c.member_id IS NOT NULL AND (r.id IS NULL OR NOT c.code = ANY(r.codes))
""",
    "lotteries": """
SELECT NULL::uuid AS member_id, 'lottery_stock ' || s.lottery || ' ' || s.number || ' ' || s.prize
  AS row FROM lottery_stock s LEFT JOIN (SELECT lottery, round AS number, given AS prize,
    count(*) AS n FROM draw GROUP BY 1, 2, 3) AS d USING (lottery, number, prize)
WHERE s.given <> coalesce(d.n, 0) OR s.given > s.stock
UNION ALL
SELECT NULL, 'lottery_tally ' || t.lottery || ' ' || t.number FROM lottery_tally t LEFT JOIN (
  SELECT lottery, number, sum(given * cost_minor) AS cost FROM lottery_stock GROUP BY 1, 2) AS s
  USING (lottery, number)
WHERE t.spent_minor <> coalesce(s.cost, 0) OR t.spent_minor > t.budget_minor
""",
    "coupon stock": """
SELECT NULL::uuid AS member_id, 'coupon_stock ' || template || ': ' || coalesce(s.issued, 0)
  || ' counted, ' || coalesce(c.n, 0) + coalesce(v.n, 0) || ' issued' AS row
FROM coupon_stock s
FULL JOIN (SELECT template, count(*) AS n FROM coupon WHERE is_counted AND state <> 'REVOKED'
  GROUP BY 1) AS c USING (template)
FULL JOIN (SELECT b.template, count(*) AS n FROM voucher JOIN voucher_batch b ON b.id = batch_id
  WHERE b.is_counted AND member_id IS NULL AND revoked_at IS NULL GROUP BY 1) AS v USING (template)
WHERE coalesce(s.issued, 0) <> coalesce(c.n, 0) + coalesce(v.n, 0)
""",
    "vouchers": """
SELECT v.member_id, 'voucher ' || v.digest AS row FROM voucher v
LEFT JOIN coupon c ON c.member_id = v.member_id AND c.id = v.coupon_id
WHERE v.member_id IS NOT NULL
  AND (c.source_type, c.source_id) IS DISTINCT FROM ('voucher', v.batch_id::text)
""",
    "merges": """
SELECT NULL::uuid AS member_id, 'account merge ' || currency AS row FROM transfer
WHERE kind IN ('merge_out', 'merge_in', 'merge_debt') GROUP BY currency
HAVING sum(CASE WHEN credit_account = 'merge' THEN amount ELSE -amount END) <> 0
""",
    "guards": """
SELECT NULL::uuid AS member_id, name || ' has no append-only guard' AS row
FROM unnest(ARRAY['transfer', 'lot_move', 'decision', 'tier_change', 'staff_action', 'event_key',
  'programme_version', 'refund', 'erasure', 'staff_act']) AS asked (name)
WHERE has_table_privilege('accrue_app', name, 'UPDATE')
  OR has_table_privilege('accrue_app', name, 'DELETE')
  OR NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = name::regclass
    AND tgname = 'append_only' AND tgenabled IN ('O', 'A'))
""",
}

LATE: dict[str, str] = {
    "jobs late": "SELECT member_id, 'job ' || kind || ' ' || id AS row FROM job"
    " WHERE state = 'ready' AND run_at < $1 OR state = 'running' AND lease_until < $1",
    "jobs set aside": "SELECT member_id, 'job ' || kind || ' ' || id AS row FROM job"
    " WHERE state = 'dead' AND $1::timestamptz IS NOT NULL",
    "events late": "SELECT member_id, 'inbox ' || id AS row FROM inbox"
    " WHERE state = 'new' AND received_at < $1",
    "events set aside": "SELECT member_id, 'inbox ' || id AS row FROM inbox WHERE state = 'dead'"
    " OR state = 'parked' AND received_at < $1::timestamptz - interval '31 days'",
    "holds late": "SELECT member_id, 'hold ' || id AS row FROM hold"
    " WHERE state = 'open' AND expires_at < $1",
    "wallets late": "SELECT member_id, 'wallet ' || currency AS row FROM wallet"
    " WHERE next_due_at < $1::timestamptz - interval '10 minutes'",
}
