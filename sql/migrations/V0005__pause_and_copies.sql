ALTER TABLE {prefix}queues ADD COLUMN paused_at DATETIME(6) NULL COMMENT 'Not claimed from since then; NULL: it is not paused';

CREATE TABLE {prefix}task_copies (
    parent_id BINARY(16) NOT NULL COMMENT 'The task that was duplicated; it may be gone',
    copy_id BINARY(16) NOT NULL COMMENT 'The new task',
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (parent_id, copy_id),
    KEY copy_id (copy_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Which task was made of which by duplicating it';
