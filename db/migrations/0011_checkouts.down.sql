DROP INDEX hold_open;
DROP TABLE checkout;
