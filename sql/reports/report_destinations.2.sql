-- How the hosts answered the calls that ended within the last 24 hours. A percentile is the end of one of the steps in
-- report_minutely. Each instance counts the first 200 hosts that it calls in a minute, and the others together.
SELECT
    NULLIF(x.host, '') AS host, -- Of the URL, with the port if it names one; NULL: all that were counted together
    SUM(x.attempts) AS attempts, -- Calls made
    SUM(CASE WHEN x.class = 'success' THEN x.attempts ELSE 0 END) AS succeeded, -- Of these, those that succeeded
    ROUND(100 * SUM(CASE WHEN x.class = 'success' THEN x.attempts ELSE 0 END) / SUM(x.attempts), 2) AS success_percent, -- Their share
    ROUND(MIN(CASE WHEN x.class <> 'lost' AND x.upto >= 0.50 * x.timed THEN x.duration_us END) / 1000, 1) AS duration_p50_ms, -- Half of the calls took at most so many milliseconds
    ROUND(MIN(CASE WHEN x.class <> 'lost' AND x.upto >= 0.99 * x.timed THEN x.duration_us END) / 1000, 1) AS duration_p99_ms, -- 99 % of them
    CAST(LEFT(MAX(x.last_error), 26) AS DATETIME(6)) AS last_error_at, -- When the last call began that failed; NULL: none failed
    SUBSTRING(MAX(x.last_error), 28) AS last_error, -- Its kind of failure, and the message, cut at 470 characters: longer ones would make the servers sort on disk
    MAX(CASE WHEN x.class = 'success' THEN x.last_started_at END) AS last_success_at, -- When the last call began that succeeded; NULL: none did
    SUM(CASE WHEN x.class = 'lost' THEN x.attempts ELSE 0 END) AS lost -- Of the calls, those whose instance died meanwhile; they are not in the percentiles
FROM (
    SELECT c.host, c.class, c.duration_us, c.attempts, c.last_started_at, c.last_error,
        SUM(CASE WHEN c.class = 'lost' THEN 0 ELSE c.attempts END) OVER (PARTITION BY c.host ORDER BY c.duration_us) AS upto,
        SUM(CASE WHEN c.class = 'lost' THEN 0 ELSE c.attempts END) OVER (PARTITION BY c.host) AS timed
    FROM (
        SELECT h.host, h.class, h.duration_us, SUM(h.attempts) AS attempts, MAX(h.last_started_at) AS last_started_at,
            MAX(CASE WHEN h.class <> 'success' THEN LEFT(CONCAT(h.last_started_at, ' ', CONCAT_WS(': ', h.class, h.last_message)), 500) END) AS last_error
        FROM {prefix}rollups_destination h FORCE INDEX (PRIMARY)
        WHERE h.minute >= UTC_TIMESTAMP() - INTERVAL 1 DAY
        GROUP BY h.host, h.class, h.duration_us
    ) c
) x
GROUP BY x.host
