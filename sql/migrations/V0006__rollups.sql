-- Counted with the outcomes, in their transaction. Buckets are named by their upper bounds, so that SQL can read percentiles
-- without another table.

CREATE TABLE {prefix}rollups_minute (
    minute DATETIME NOT NULL COMMENT 'In which the attempts ended',
    queue_id INT UNSIGNED NOT NULL,
    incarnation BIGINT UNSIGNED NOT NULL COMMENT 'Who made them; so that no two instances write to one row',
    outcome TINYINT UNSIGNED NOT NULL COMMENT 'What became of the tasks, as in tasks.state: 1 succeeded, 2 retrying, 3 dead',
    class VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'As attempts.class: success, or the kind of failure; of those that are lost the times tell nothing',
    lateness_us INT UNSIGNED NOT NULL COMMENT 'They began at most so long after their plan time: 100, 200, 500, 1000, 2000, 5000 and so on to 1000000000, 2000000000, 3600000000; 4294967295: longer than an hour',
    duration_us INT UNSIGNED NOT NULL COMMENT 'They took at most so long, in the same steps',
    attempts INT UNSIGNED NOT NULL,
    PRIMARY KEY (minute, queue_id, incarnation, outcome, class, lateness_us, duration_us)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Attempts by minute, those that are alike in one row; what was imported is not counted';
