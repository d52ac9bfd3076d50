CREATE TABLE {prefix}quarantine (
    id BINARY(16) NOT NULL COMMENT 'UUIDv7: the id that its task will have',
    source VARCHAR(255) NOT NULL COMMENT 'The key of Redis that it came from',
    reason VARCHAR(500) NOT NULL COMMENT 'What is wrong with it',
    message MEDIUMBLOB NULL COMMENT 'NULL: too long, and kept in Redis',
    score DOUBLE NULL COMMENT 'Of a sorted set: unix seconds',
    received_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Messages from Redis that cannot become tasks as they are';
