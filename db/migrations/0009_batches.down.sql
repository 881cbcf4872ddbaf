DROP TABLE batch_row;
DROP TABLE batch;
