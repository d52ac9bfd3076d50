-- Keys of requests and of live tasks. The new column of a task is at the end of its row, so that no row is written.

CREATE TABLE {prefix}task_keys (
    scope INT UNSIGNED NOT NULL COMMENT '0: a request''s Idempotency-Key; else the queue whose live task has the key',
    key_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the key',
    task_id BINARY(16) NOT NULL COMMENT 'The task that has it; of a request the first task',
    fingerprint BINARY(32) NULL COMMENT 'Of a request: SHA-256 of what was asked for',
    status SMALLINT UNSIGNED NULL COMMENT 'Of a request: the status of its answer',
    answer MEDIUMBLOB NULL COMMENT 'Of a request: the body of its answer',
    expires_at DATETIME(6) NULL COMMENT 'Of a request; NULL: the key of a task, which has it as long as it is live',
    PRIMARY KEY (scope, key_hash),
    KEY expires_at (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Keys that are taken: one request is one task, and one live task has a key';

ALTER TABLE {prefix}tasks
    ADD COLUMN task_key VARCHAR(255) NULL COMMENT 'Unique in its queue while the task is live',
    ALGORITHM = INSTANT;
