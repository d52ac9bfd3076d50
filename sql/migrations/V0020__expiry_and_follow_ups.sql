-- When a task is not called any more, and what is called when it has ended. At the end of the rows, so that no row is written.

ALTER TABLE {prefix}tasks
    ADD COLUMN expires_at DATETIME(6) NULL COMMENT 'Not called from then on; NULL: called however late',
    ADD COLUMN expired TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '1: dead because it was not started before expires_at',
    ADD COLUMN on_success MEDIUMTEXT NULL COMMENT 'A JSON object: the task that follows its success; NULL: none',
    ADD COLUMN on_failure MEDIUMTEXT NULL COMMENT 'The same for when it is dead',
    ADD COLUMN follows BINARY(16) NULL COMMENT 'The task whose follow-up it is, which may be gone; NULL: it is none',
    ALGORITHM = INSTANT;

ALTER TABLE {prefix}task_copies
    ADD COLUMN kind TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0 made by duplicating, 1 a follow-up',
    ALGORITHM = INSTANT;

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_tasks AS
{sql/reports/report_tasks.2.sql};

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_dead_letters AS
{sql/reports/report_dead_letters.2.sql};
