-- A task whose destination lets nothing through is put off; when it was due before stays known. At the end of the row, so
-- that no row is written.

ALTER TABLE {prefix}tasks
    ADD COLUMN deferred_from DATETIME(6) NULL
        COMMENT 'plan_time before its destination put it off; NULL: it was not put off',
    ALGORITHM = INSTANT;
