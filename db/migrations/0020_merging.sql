-- Into whom a member was merged; while it is set they have nothing and no verb is theirs.
ALTER TABLE member ADD COLUMN merged_into uuid;
CREATE INDEX member_merged ON member (merged_into) WHERE merged_into IS NOT NULL;
-- A directory: as whom a merged member goes on. Numbered, so that processes read what is new.
CREATE SEQUENCE alias_number;
CREATE TABLE alias (
    member_id uuid PRIMARY KEY,
    survivor_id uuid NOT NULL,
    number bigint NOT NULL
);
CREATE INDEX alias_news ON alias (number);
-- A merge, kept by its survivor with what an unmerge has to know: what each wallet brought, which
-- rows came, how the survivor stood before.
CREATE TABLE merge (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    absorbed_id uuid NOT NULL,
    merged_at timestamptz NOT NULL,
    unmerged_at timestamptz,
    wallets jsonb NOT NULL,
    moved jsonb NOT NULL,
    standing jsonb NOT NULL,
    PRIMARY KEY (member_id, id),
    CHECK (member_id <> absorbed_id),
    CHECK (unmerged_at >= merged_at)
);
CREATE INDEX merge_absorbed ON merge (absorbed_id);

-- What leaves one wallet and arrives in another passes through an account of the programme's.
ALTER TABLE transfer DROP CONSTRAINT transfer_debit_account_check;
ALTER TABLE transfer DROP CONSTRAINT transfer_credit_account_check;
ALTER TABLE transfer ADD CONSTRAINT transfer_debit_account_check CHECK (debit_account IN (
    'pending', 'available', 'held', 'debt', 'issuance', 'redemption', 'expiry', 'adjustment', 'lottery', 'merge'));
ALTER TABLE transfer ADD CONSTRAINT transfer_credit_account_check CHECK (credit_account IN (
    'pending', 'available', 'held', 'debt', 'issuance', 'redemption', 'expiry', 'adjustment', 'lottery', 'merge'));
CREATE INDEX transfer_merge ON transfer (member_id, currency) WHERE kind IN ('merge_out', 'merge_in', 'merge_debt');
-- Of what was earned, how much another member earned who is part of this one now (less what went).
ALTER TABLE wallet ADD COLUMN lifetime_moved bigint NOT NULL DEFAULT 0;
-- A lot that went has `moved` of its points elsewhere; of one that came, came_… is what had become of
-- it before. One that came with nothing left in it was opened by no transfer of this wallet.
ALTER TABLE lot ADD COLUMN moved bigint NOT NULL DEFAULT 0;
ALTER TABLE lot ADD COLUMN gone boolean NOT NULL DEFAULT false;
ALTER TABLE lot ADD COLUMN came_spent bigint NOT NULL DEFAULT 0;
ALTER TABLE lot ADD COLUMN came_expired bigint NOT NULL DEFAULT 0;
ALTER TABLE lot ADD COLUMN came_taken bigint NOT NULL DEFAULT 0;
ALTER TABLE lot ADD COLUMN came_forfeited bigint NOT NULL DEFAULT 0;
ALTER TABLE lot ALTER COLUMN opened_by DROP NOT NULL;
ALTER TABLE lot ADD CHECK (moved >= 0);
ALTER TABLE lot DROP CONSTRAINT lot_check1;
ALTER TABLE lot ADD CONSTRAINT lot_check1 CHECK (granted = remaining + held + spent + expired + taken + moved);
-- A refund is history and stays where it was made, while its order goes on with whom it belongs to.
ALTER TABLE refund DROP CONSTRAINT refund_member_id_purchase_id_fkey;
-- In whose wallet a redemption was paid, where that isn't the member's own.
ALTER TABLE redemption ADD COLUMN paid_by uuid;
-- The same of a checkout, whose holds are resolved and stay in that wallet.
ALTER TABLE checkout ADD COLUMN paid_by uuid;
ALTER TABLE checkout DROP CONSTRAINT checkout_member_id_hold_id_fkey;
ALTER TABLE checkout DROP CONSTRAINT checkout_member_id_credit_hold_id_fkey;
-- As whom a draw was rolled, where that isn't the member: the roll is made of it.
ALTER TABLE draw ADD COLUMN drawn_by uuid;
ALTER TABLE draw DROP CONSTRAINT draw_member_id_lottery_round_nonce_key;
CREATE UNIQUE INDEX draw_nonce ON draw (member_id, coalesce(drawn_by, member_id), lottery, round, nonce);
-- The invitee as their inviter knows them: who was bound, whoever they are now.
ALTER TABLE referral ADD COLUMN bound_as uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
UPDATE referral SET bound_as = member_id;
ALTER TABLE referral ALTER COLUMN bound_as DROP DEFAULT;
CREATE INDEX referral_moved ON referral (bound_as) WHERE bound_as <> member_id;
-- Reached together with another who has been parted since: it stands, whatever becomes of its cause.
ALTER TABLE task_progress ADD COLUMN is_final boolean NOT NULL DEFAULT false;
ALTER TABLE task_progress ALTER COLUMN is_final DROP DEFAULT;

-- What was said to a post stays its author's, and is found with whom the post belongs to.
CREATE INDEX community_comment_of ON community_comment (post_id);
GRANT UPDATE (post_member_id, parent_member_id) ON community_comment TO accrue_app;

GRANT USAGE ON SEQUENCE alias_number TO accrue_app;
GRANT SELECT, INSERT, UPDATE ON alias, merge TO accrue_app;
-- What value stands on is deleted by nobody. What went to another member ends here by this alone, which
-- deletes a row only where the other has it, known by `columns`.
CREATE FUNCTION drop_moved(name text, source uuid, target uuid, columns text[], keys jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    listed text := (SELECT string_agg(format('s.%I', c), ', ') FROM unnest(columns) AS c);
    same text := (SELECT string_agg(format('t.%I = s.%I', c, c), ' AND ') FROM unnest(columns) AS c);
BEGIN
    IF name <> ALL (ARRAY['purchase', 'check_in', 'badge', 'coupon', 'redemption', 'draw', 'checkout', 'referral',
                          'invitation', 'gift', 'task_progress', 'quiz_attempt', 'inbox', 'member_tag',
                          'notification', 'delivery', 'community_post', 'community_comment',
                          'community_topic_follow', 'community_received', 'community_report',
                          'community_ban', 'community_appeal', 'community_merit', 'fingerprint']) THEN
        RAISE EXCEPTION 'rows of % stay', name USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('DELETE FROM %I AS s WHERE s.member_id = $1 AND jsonb_build_array(%s) IN
        (SELECT jsonb_array_elements($3)) AND EXISTS (SELECT FROM %I AS t WHERE t.member_id = $2 AND %s)',
        name, listed, name, same) USING source, target, keys;
END $$;
REVOKE ALL ON FUNCTION drop_moved(text, uuid, uuid, text[], jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_moved(text, uuid, uuid, text[], jsonb) TO accrue_app;
