DROP TABLE device_taking;
DROP TABLE device_code;
DROP TABLE presence;
DROP TABLE device;
