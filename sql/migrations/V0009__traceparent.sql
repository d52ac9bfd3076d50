-- The trace that a task belongs to. At the end of the row, so that no row is written.

ALTER TABLE {prefix}tasks
    ADD COLUMN traceparent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin NULL
        COMMENT 'W3C Trace Context of whoever asked for it',
    ALGORITHM = INSTANT;
