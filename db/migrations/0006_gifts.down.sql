DROP TABLE gift;
DROP INDEX lot_expiring;
DROP INDEX member_birthday;
ALTER TABLE member DROP CONSTRAINT member_birthday_set;
ALTER TABLE member DROP COLUMN birthday_changed_at;
ALTER TABLE member DROP COLUMN birthday_set_at;
ALTER TABLE member DROP COLUMN birthday;
