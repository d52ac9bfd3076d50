-- How the hosts answered the calls of the tasks that were created within the last 24 hours. A percentile is the end of one of
-- the steps in report_minutely.
SELECT
    x.host AS host, -- Of the URL, with the port if it names one
    SUM(x.attempts) AS attempts, -- Calls made
    SUM(x.succeeded) AS succeeded, -- Of these, those that succeeded
    ROUND(100 * SUM(x.succeeded) / SUM(x.attempts), 2) AS success_percent, -- Their share
    CAST(ELT(1 + MIN(CASE WHEN x.step >= 0 AND x.upto >= 0.50 * x.timed THEN x.step END),
        0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000,
        1000000, 2000000, 3600000, 4294967.3) AS DECIMAL(12, 1)) AS duration_p50_ms, -- Half of the calls took at most so many milliseconds
    CAST(ELT(1 + MIN(CASE WHEN x.step >= 0 AND x.upto >= 0.99 * x.timed THEN x.step END),
        0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000,
        1000000, 2000000, 3600000, 4294967.3) AS DECIMAL(12, 1)) AS duration_p99_ms, -- 99 % of them
    CAST(LEFT(MAX(x.last_error), 26) AS DATETIME(6)) AS last_error_at, -- When the last call began that failed; NULL: none failed
    SUBSTRING(MAX(x.last_error), 28) AS last_error -- Its kind of failure, and the message
FROM (
    SELECT c.host, c.step, c.attempts, c.succeeded, c.last_error,
        SUM(CASE WHEN c.step >= 0 THEN c.attempts ELSE 0 END) OVER (PARTITION BY c.host ORDER BY c.step) AS upto,
        SUM(CASE WHEN c.step >= 0 THEN c.attempts ELSE 0 END) OVER (PARTITION BY c.host) AS timed
    FROM (
        SELECT
            LOWER(LEFT(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(t.url, '/', 3), '/', -1), '?', 1), '#', 1), 255)) AS host,
            CASE WHEN a.class = 'lost' THEN -1 ELSE
                INTERVAL(a.duration_us - 1, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000,
                    1000000, 2000000, 5000000, 10000000, 20000000, 50000000, 100000000, 200000000, 500000000, 1000000000,
                    2000000000, 3600000000)
            END AS step,
            COUNT(*) AS attempts,
            SUM(a.succeeded) AS succeeded,
            MAX(CASE WHEN a.succeeded = 0 THEN CONCAT(a.started_at, ' ', CONCAT_WS(': ', a.class, a.message)) END) AS last_error
        FROM {prefix}attempts a
        JOIN {prefix}tasks t ON t.id = a.task_id
        WHERE a.task_id >= UNHEX(RPAD(LPAD(HEX(1000 * UNIX_TIMESTAMP(NOW() - INTERVAL 1 DAY)), 12, '0'), 32, '0'))
        GROUP BY host, step
    ) c
) x
GROUP BY x.host
