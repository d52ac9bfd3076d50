-- Names compare as in users, because the audit log has them beside each other.

CREATE TABLE {prefix}api_keys (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    name VARCHAR(64) COLLATE utf8mb4_general_ci NOT NULL,
    secret_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the key, which is kept nowhere',
    secret_prefix VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'First characters of the key, to tell it by',
    scopes VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'tasks:write, tasks:read, admin; with commas',
    queues TEXT NULL COMMENT 'The only queues it is for, with commas; NULL: all of them',
    requests_per_second INT UNSIGNED NULL COMMENT 'Of each instance; NULL: any number',
    created_at DATETIME(6) NOT NULL,
    created_by VARCHAR(100) COLLATE utf8mb4_general_ci NOT NULL COMMENT 'As in audit_events',
    expires_at DATETIME(6) NULL COMMENT 'NULL: never',
    last_used_at DATETIME(6) NULL COMMENT 'To the minute; NULL: never',
    disabled_at DATETIME(6) NULL COMMENT 'NULL: it is good',
    PRIMARY KEY (id),
    UNIQUE KEY name (name),
    UNIQUE KEY secret_hash (secret_hash)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Keys of the API';
