DROP TABLE task_backfill, member_tag, quiz_attempt, task_progress;
DROP INDEX inbox_deeds;
