DROP TABLE voucher, voucher_batch;
