-- Dead letters of all queues, newest first.

ALTER TABLE {prefix}dead_letters ADD KEY died (died_at, task_id);

CREATE TABLE {prefix}bulk_operations (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'What is done to each task: retry',
    filter TEXT NOT NULL COMMENT 'Which tasks: a JSON object',
    per_second SMALLINT UNSIGNED NOT NULL COMMENT 'At most so many tasks',
    requested_by VARCHAR(100) NOT NULL,
    state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'running, done, cancelled or failed',
    problem VARCHAR(500) NULL COMMENT 'Why it failed',
    total BIGINT UNSIGNED NOT NULL COMMENT 'Tasks there were when it was asked for',
    total_is_exact TINYINT UNSIGNED NOT NULL COMMENT '0: total is an estimate',
    done BIGINT UNSIGNED NOT NULL DEFAULT 0,
    skipped BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Somebody else was there first',
    failed BIGINT UNSIGNED NOT NULL DEFAULT 0,
    reached_time DATETIME(6) NULL COMMENT 'With reached_id: the last task that was looked at, by died_at',
    reached_id BINARY(16) NULL,
    runner VARCHAR(220) NULL COMMENT 'The process that works at it',
    lease_until DATETIME(6) NULL COMMENT 'Until then nobody else does',
    created_at DATETIME(6) NOT NULL COMMENT 'What became fit for it later is left alone',
    updated_at DATETIME(6) NOT NULL,
    finished_at DATETIME(6) NULL,
    PRIMARY KEY (id),
    KEY state (state)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Operations on many tasks, and how far they are';
