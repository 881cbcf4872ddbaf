DROP TABLE chosen_title;
DROP TABLE leaderboard_name;
DROP TABLE challenge_result;
DROP TABLE challenge_close;
DROP TABLE challenge_entry;
