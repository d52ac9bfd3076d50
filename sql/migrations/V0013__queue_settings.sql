ALTER TABLE {prefix}queues
    ADD COLUMN priority SMALLINT NOT NULL DEFAULT 0 COMMENT 'Its class: overdue tasks of a higher one go first',
    ADD COLUMN weight SMALLINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'Its part of the calls that its class has for overdue tasks',
    ADD COLUMN max_concurrency INT UNSIGNED NULL COMMENT 'The most calls in flight in the cluster; NULL: no limit',
    ADD COLUMN rate_per_second DOUBLE NULL COMMENT 'The most calls a second in the cluster; NULL: no limit',
    ADD COLUMN burst INT UNSIGNED NULL COMMENT 'The most calls at once after a pause; NULL: what the rate gives in a tenth of a second',
    ADD COLUMN max_retries SMALLINT UNSIGNED NULL COMMENT 'For tasks that do not say; NULL: as configured',
    ADD COLUMN retry_delays VARCHAR(1300) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'For tasks that do not say; as in tasks',
    ADD COLUMN timeout_ms INT UNSIGNED NULL COMMENT 'For tasks that do not say; NULL: as configured',
    ADD COLUMN success_rule VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'For tasks that do not say; NULL: status_2xx',
    ADD COLUMN success_criteria TEXT NULL COMMENT 'A JSON object; with success_rule custom',
    ADD COLUMN deleted_at DATETIME(6) NULL COMMENT 'Its settings are gone since then; a task that names it brings it back',
    ADD COLUMN version INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'Counts the changes of its settings';

CREATE TABLE {prefix}queue_shares (
    queue_id INT UNSIGNED NOT NULL,
    incarnation BIGINT UNSIGNED NOT NULL,
    slots INT UNSIGNED NOT NULL COMMENT 'So many of max_concurrency are this instance''s',
    rate_per_second DOUBLE NOT NULL COMMENT 'So much of the rate is this instance''s',
    PRIMARY KEY (queue_id, incarnation)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'What the instances have taken of the limits of queues; never more than the limits in all';
