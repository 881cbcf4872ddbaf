DROP TABLE draw;
DROP TABLE lottery_stock;
DROP TABLE lottery_tally;
DROP TABLE lottery_round;
