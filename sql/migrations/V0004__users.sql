-- Names compare as delay_queue's did: without regard to case and accents.

CREATE TABLE {prefix}users (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    name VARCHAR(100) COLLATE utf8mb4_general_ci NOT NULL COMMENT 'By which a person signs in',
    email VARCHAR(254) NOT NULL DEFAULT '',
    real_name VARCHAR(100) NOT NULL DEFAULT '',
    telephone VARCHAR(40) NOT NULL DEFAULT '',
    role VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'viewer, operator or administrator',
    password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'crypt(5): $7$ scrypt, $2a$ bcrypt',
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    password_changed_at DATETIME(6) NOT NULL,
    disabled_at DATETIME(6) NULL COMMENT 'NULL: may sign in',
    imported_from VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'What it was in an old program',
    PRIMARY KEY (id),
    UNIQUE KEY name (name),
    UNIQUE KEY imported_from (imported_from)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Who may use the administration pages';
