DROP TABLE push_address;
DROP TABLE preference;
DROP TABLE delivery;
DROP TABLE notification;
