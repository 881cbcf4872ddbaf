-- Whose personal data was erased: they have no name, no contact and no value since, and no verb is theirs.
ALTER TABLE member ADD COLUMN erased_at timestamptz;
ALTER TABLE member ADD CONSTRAINT member_erased CHECK (erased_at IS NULL OR (suspended_at IS NOT NULL
    AND external_id IS NULL AND email IS NULL AND phone IS NULL AND device_hash IS NULL
    AND birthday IS NULL AND referral_code = ''));
-- Processes hear of it where they hear of merges.
ALTER TABLE alias ADD COLUMN is_erased boolean NOT NULL DEFAULT false;
-- The journal: who was erased, when, and as whose wish. No personal data; replayed after a restore.
CREATE TABLE erasure (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    erased_at timestamptz NOT NULL,
    erased_by text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('OWN_WISH', 'REQUEST', 'PURPOSE_ENDED', 'LEGAL_DUTY')),
    request_id text NOT NULL CHECK (request_id ~ '^[A-Za-z0-9._:/-]{1,64}$'),
    content text NOT NULL CHECK (content IN ('DELETE', 'KEEP'))
);
CREATE INDEX erasure_time ON erasure (erased_at, member_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON erasure
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What somebody wrote in words may go from what is append-only, of who was erased and nothing else of the
-- row: within the function below only, and looked at row by row.
CREATE FUNCTION refuse_change_but_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('accrue.words', true) = 'erased' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION refuse_other_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0] AND EXISTS (
        SELECT FROM member m WHERE m.member_id = OLD.member_id AND m.erased_at IS NOT NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER append_only ON decision;
DROP TRIGGER append_only ON staff_action;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_but_words();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_action
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_but_words();
CREATE TRIGGER words_only BEFORE UPDATE ON decision
    FOR EACH ROW EXECUTE FUNCTION refuse_other_words('inputs');
CREATE TRIGGER words_only BEFORE UPDATE ON staff_action
    FOR EACH ROW EXECUTE FUNCTION refuse_other_words('reason');

-- Rows of who was erased end, or lose columns, by this alone; what value stands on stays as it is.
-- `blanks`: what each column becomes; of decisions by kind, what each input becomes. Null: rows end.
CREATE FUNCTION erase_rows(name text, erased uuid, blanks jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    columns text := (SELECT string_agg(format('%I', c), ', ' ORDER BY c) FROM jsonb_object_keys(blanks) AS c);
    touched bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM member m WHERE m.member_id = erased AND m.erased_at IS NOT NULL) THEN
        RAISE EXCEPTION 'member % is not erased', erased USING ERRCODE = 'restrict_violation';
    END IF;
    IF name = ANY (ARRAY['transfer', 'lot', 'lot_move', 'wallet', 'hold', 'event_key', 'refund', 'tier_change',
                         'erasure', 'programme_version'])
       OR blanks IS NULL AND name = ANY (ARRAY['decision', 'staff_action', 'member', 'purchase', 'redemption',
                                               'checkout', 'draw', 'merge', 'alias', 'standing']) THEN
        RAISE EXCEPTION 'rows of % stay', name USING ERRCODE = 'restrict_violation';
    END IF;
    -- Not a clause of the function: only a superuser may give one a parameter of ours.
    PERFORM set_config('accrue.words', 'erased', true);
    IF blanks IS NULL THEN
        EXECUTE format('DELETE FROM %I WHERE member_id = $1', name) USING erased;
    ELSIF name = 'decision' THEN
        EXECUTE format('UPDATE %I AS d SET inputs = d.inputs || ($2 -> d.kind)
            WHERE d.member_id = $1 AND $2 ? d.kind', name) USING erased, blanks;
    ELSE
        EXECUTE format('UPDATE %I SET (%s) = (SELECT %s FROM jsonb_populate_record(NULL::%I, $2))
            WHERE member_id = $1', name, columns, columns, name) USING erased, blanks;
    END IF;
    GET DIAGNOSTICS touched = ROW_COUNT;
    PERFORM set_config('accrue.words', '', true);
    RETURN touched;
END $$;
REVOKE ALL ON FUNCTION erase_rows(text, uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_rows(text, uuid, jsonb) TO accrue_app;
GRANT SELECT, INSERT ON erasure TO accrue_app;
