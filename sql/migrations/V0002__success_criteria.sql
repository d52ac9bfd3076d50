-- What a task itself asks of an answer; until now only rules with a name. At the end of the row, so that no row is written.

ALTER TABLE {prefix}tasks
    ADD COLUMN success_criteria TEXT NULL COMMENT 'A JSON object; with success_rule custom',
    ALGORITHM = INSTANT;
