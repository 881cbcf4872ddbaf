DROP TABLE honour_setting;
