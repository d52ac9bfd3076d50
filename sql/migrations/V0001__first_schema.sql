-- A task is in exactly one stage and each stage is a table: the row moves, nothing is filtered (docs/architecture.md).
-- {prefix} is master_db.prefix. All times are UTC. Each statement is one step.

CREATE TABLE {prefix}queues (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Named lines of tasks';

CREATE TABLE {prefix}instances (
    incarnation BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'Never used again: the fence in every claim and outcome',
    name VARCHAR(190) NOT NULL,
    version VARCHAR(40) NOT NULL,
    lookahead_ms INT UNSIGNED NULL COMMENT 'How far ahead it claims; NULL: it does not',
    started_at DATETIME(6) NOT NULL,
    heartbeat_at DATETIME(6) NOT NULL,
    lease_until DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL COMMENT 'Nothing of it is left in claims',
    PRIMARY KEY (incarnation),
    KEY ended_at (ended_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'One row for each start of a schedulerd process';

-- The days are split off from the last partition ahead of time by the running program.
CREATE TABLE {prefix}tasks (
    id BINARY(16) NOT NULL COMMENT 'UUIDv7: begins with the time of creation',
    queue_id INT UNSIGNED NOT NULL,
    state TINYINT UNSIGNED NOT NULL COMMENT '0 scheduled, 1 succeeded, 2 retrying, 3 dead, 4 cancelled',
    attempt SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Attempts made',
    retries_from SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Attempts made before the last retry by hand',
    requested_time DATETIME(6) NOT NULL COMMENT 'When the producer wanted it',
    plan_time DATETIME(6) NOT NULL COMMENT 'When the next attempt is due, or the last one was',
    entered_at DATETIME(6) NULL COMMENT 'Its place in ready, if it was there',
    method VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    url VARCHAR(2048) NOT NULL,
    headers TEXT NULL COMMENT 'One "Name: value" a line',
    body MEDIUMBLOB NULL,
    success_rule VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    max_retries SMALLINT UNSIGNED NOT NULL,
    retry_delays VARCHAR(1300) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Seconds, comma separated; the last repeats',
    timeout_ms INT UNSIGNED NOT NULL,
    max_redirects TINYINT UNSIGNED NOT NULL DEFAULT 0,
    on_lost TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0 retry, 1 dead',
    labels TEXT NULL COMMENT 'A JSON object of strings',
    version INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'Counts the changes made by people and programs',
    request_version INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'The version in which the request was last changed',
    created_at DATETIME(6) NOT NULL,
    finished_at DATETIME(6) NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Every task, live and finished; where a live one is, scheduled, ready and claims tell'
PARTITION BY RANGE COLUMNS (id) (PARTITION later VALUES LESS THAN (MAXVALUE));

CREATE TABLE {prefix}attempts (
    task_id BINARY(16) NOT NULL,
    attempt SMALLINT UNSIGNED NOT NULL COMMENT 'Counts from 1',
    incarnation BIGINT UNSIGNED NOT NULL COMMENT 'Who made it',
    version INT UNSIGNED NOT NULL COMMENT 'The version of the task that was sent',
    plan_time DATETIME(6) NOT NULL,
    started_at DATETIME(6) NOT NULL COMMENT 'When the request was begun; less plan_time: the lateness',
    duration_us BIGINT UNSIGNED NOT NULL,
    succeeded TINYINT UNSIGNED NOT NULL,
    class VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'success, or the kind of failure',
    message VARCHAR(500) NULL,
    status SMALLINT UNSIGNED NULL COMMENT 'HTTP status; NULL: no answer',
    lookup_us INT UNSIGNED NOT NULL COMMENT 'Until the name was resolved; all five count from the start',
    connect_us INT UNSIGNED NOT NULL COMMENT 'Until connected; 0: the connection was open',
    tls_us INT UNSIGNED NOT NULL,
    first_byte_us INT UNSIGNED NOT NULL,
    total_us INT UNSIGNED NOT NULL,
    address VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'Address and port really connected to',
    response VARBINARY(8192) NULL COMMENT 'Start of the answer''s body',
    response_truncated TINYINT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (task_id, attempt)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Each call that was made; in the same partitions as its task'
PARTITION BY RANGE COLUMNS (task_id) (PARTITION later VALUES LESS THAN (MAXVALUE));

CREATE TABLE {prefix}scheduled (
    queue_id INT UNSIGNED NOT NULL,
    plan_time DATETIME(6) NOT NULL,
    task_id BINARY(16) NOT NULL,
    PRIMARY KEY (queue_id, plan_time, task_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Waiting tasks that were due after the lookahead when they came in';

CREATE TABLE {prefix}ready (
    queue_id INT UNSIGNED NOT NULL,
    entered_at DATETIME(6) NOT NULL,
    task_id BINARY(16) NOT NULL,
    plan_time DATETIME(6) NOT NULL,
    PRIMARY KEY (queue_id, entered_at, task_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Waiting tasks that came in, or came back, when they were due within the lookahead; in order of arrival';

CREATE TABLE {prefix}claims (
    task_id BINARY(16) NOT NULL,
    incarnation BIGINT UNSIGNED NOT NULL,
    queue_id INT UNSIGNED NOT NULL,
    plan_time DATETIME(6) NOT NULL,
    attempt SMALLINT UNSIGNED NULL COMMENT 'The attempt that runs',
    claimed_at DATETIME(6) NOT NULL,
    started_at DATETIME(6) NULL COMMENT 'The point of no return; NULL: may still be cancelled',
    PRIMARY KEY (task_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'What an instance has';

CREATE TABLE {prefix}dead_letters (
    task_id BINARY(16) NOT NULL,
    queue_id INT UNSIGNED NOT NULL,
    died_at DATETIME(6) NOT NULL,
    reason VARCHAR(500) NOT NULL,
    PRIMARY KEY (task_id),
    KEY queue_died (queue_id, died_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Tasks that failed for good';
