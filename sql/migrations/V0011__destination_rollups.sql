-- As rollups_minute, by host: what report_destinations had to read every attempt of a day for.

CREATE TABLE {prefix}rollups_destination (
    minute DATETIME NOT NULL COMMENT 'In which the attempts ended',
    incarnation BIGINT UNSIGNED NOT NULL COMMENT 'Who made them; so that no two instances write to one row',
    host VARCHAR(255) NOT NULL COMMENT 'Of the URL, in lower case, with the port if it names one; empty: all hosts beyond the first 200 that the instance called in the minute',
    class VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'As attempts.class: success, or the kind of failure; of those that are lost the times tell nothing',
    duration_us INT UNSIGNED NOT NULL COMMENT 'They took at most so long, in the steps of rollups_minute.duration_us',
    attempts INT UNSIGNED NOT NULL,
    last_started_at DATETIME(6) NOT NULL COMMENT 'When the last of them began',
    last_message VARCHAR(500) NULL COMMENT 'What was wrong with that one',
    PRIMARY KEY (minute, incarnation, host, class, duration_us)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Attempts by minute and host, those that are alike in one row; what was imported is not counted';

CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}report_destinations AS
{sql/reports/report_destinations.2.sql};
