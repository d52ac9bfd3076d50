-- Names compare as in users. The application's own user may only add and read here (sql/grants.sql).

CREATE TABLE {prefix}audit_events (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    at DATETIME(6) NOT NULL,
    actor VARCHAR(100) COLLATE utf8mb4_general_ci NOT NULL COMMENT 'A user''s name, cli: and a Unix user, or empty: nobody',
    user_id INT UNSIGNED NULL COMMENT 'NULL: no user',
    address VARCHAR(64) NOT NULL COMMENT 'Of the client; empty on the command line',
    user_agent VARCHAR(255) NOT NULL,
    action VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(190) COLLATE utf8mb4_general_ci NOT NULL COMMENT 'The task, queue or user that it was done to',
    before_state TEXT NULL COMMENT 'A JSON object; NULL: there was nothing',
    after_state TEXT NULL COMMENT 'A JSON object; NULL: there is nothing',
    PRIMARY KEY (id),
    KEY actor_id (actor, id),
    KEY subject_id (subject, id),
    KEY action_id (action, id),
    KEY at (at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Who did what, when and from where; rows are never changed';
