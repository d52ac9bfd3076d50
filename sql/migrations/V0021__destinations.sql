-- Tasks whose destination lets nothing through are put off, and when they were due before stays known: a column at the end of
-- the row, so that no row is written. What holds for calls to a destination, and whether it fails, is for all instances.

ALTER TABLE {prefix}tasks
    ADD COLUMN deferred_from DATETIME(6) NULL
        COMMENT 'plan_time before its destination put it off; NULL: it was not put off',
    ALGORITHM = INSTANT;

CREATE TABLE {prefix}destinations (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    url VARCHAR(500) NOT NULL COMMENT 'Scheme, host and port in lower case, and how the path begins when it is for that only',
    max_concurrency INT UNSIGNED NULL COMMENT 'Calls at once, of all instances; NULL: no limit',
    rate DOUBLE NULL COMMENT 'Calls a second, of all instances; NULL: no limit',
    burst INT UNSIGNED NULL COMMENT 'Calls at once after a pause, with rate',
    breaker_failures INT UNSIGNED NULL COMMENT 'Failures in a row that open its breaker, 0: none; NULL: as breaker.failures',
    notes VARCHAR(1000) NOT NULL DEFAULT '',
    paused_at DATETIME(6) NULL COMMENT 'Not called since then; NULL: it is not paused',
    pause_reason VARCHAR(500) NULL,
    pauses_itself TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '1: paused because it had failed for long, not by a person',
    open_until DATETIME(6) NULL COMMENT 'Until then no instance calls it, because it fails; NULL: it works',
    failing_since DATETIME(6) NULL COMMENT 'Since then it has not worked; NULL: it works',
    is_kept TINYINT UNSIGNED NOT NULL COMMENT '1: somebody made it; 0: it is here because it failed',
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY url (url)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Receivers: their limits, pauses and whether they fail';
