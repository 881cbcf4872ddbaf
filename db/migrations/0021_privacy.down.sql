-- Whose data was erased stays erased; only that it was is forgotten.
DROP FUNCTION erase_rows(text, uuid, jsonb);
DROP TRIGGER words_only ON staff_action;
DROP TRIGGER words_only ON decision;
DROP TRIGGER append_only ON staff_action;
DROP TRIGGER append_only ON decision;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_action
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DROP FUNCTION refuse_other_words();
DROP FUNCTION refuse_change_but_words();
DROP TABLE erasure;
ALTER TABLE alias DROP COLUMN is_erased;
ALTER TABLE member DROP COLUMN erased_at;
