-- Days of history that are dropped when they are older than retention.days.

CREATE TABLE {prefix}retention (
    id TINYINT UNSIGNED NOT NULL COMMENT 'Always 1: there is one row',
    step TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0 none is removed; 1 closed: nothing with such an id is stored or gets a new life; 2 all in it has ended; 3 exported',
    day VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'The partition that is being removed',
    from_id BINARY(16) NULL COMMENT 'Its ids are at or after this',
    to_id BINARY(16) NULL COMMENT 'And before this',
    removed_day VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'The last one that was removed',
    removed_at DATETIME(6) NULL,
    failure VARCHAR(500) NULL COMMENT 'Why the last attempt to remove old days failed',
    failed_at DATETIME(6) NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'What is being done about old days';

INSERT INTO {prefix}retention (id) VALUES (1);

CREATE TABLE {prefix}retention_days (
    day VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The partition',
    has_open TINYINT UNSIGNED NOT NULL COMMENT '1: a task in it has not ended',
    newest_finish DATETIME(6) NULL COMMENT 'When the last task in it ended, as far as it was looked at',
    thinned BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'Tasks that were deleted from it one by one',
    looked_at DATETIME(6) NOT NULL,
    look_again_at DATETIME(6) NOT NULL,
    PRIMARY KEY (day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Days that are older than retention.days and are there still, and why';
