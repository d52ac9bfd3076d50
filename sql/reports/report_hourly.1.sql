-- As report_minutely, by hour.
SELECT
    x.hour AS hour, -- In which the attempts ended
    q.name AS queue, -- The queue's name
    SUM(x.attempts) AS attempts, -- Attempts that ended in it
    SUM(CASE WHEN x.outcome = 1 THEN x.attempts ELSE 0 END) AS succeeded, -- Of these, those that succeeded
    SUM(CASE WHEN x.outcome = 2 THEN x.attempts ELSE 0 END) AS retrying, -- Those that failed and are tried again
    SUM(CASE WHEN x.outcome = 3 THEN x.attempts ELSE 0 END) AS dead, -- Those with which the task failed for good
    SUM(CASE WHEN x.lost THEN x.attempts ELSE 0 END) AS lost, -- Of the last two, those whose instance died meanwhile; they are not in what follows
    ROUND(MIN(CASE WHEN NOT x.lost AND x.late_upto >= 0.50 * x.timed THEN x.lateness_us END) / 1000, 1) AS lateness_p50_ms, -- Half of them began at most so many milliseconds after their plan time
    ROUND(MIN(CASE WHEN NOT x.lost AND x.late_upto >= 0.95 * x.timed THEN x.lateness_us END) / 1000, 1) AS lateness_p95_ms, -- 95 % of them
    ROUND(MIN(CASE WHEN NOT x.lost AND x.late_upto >= 0.99 * x.timed THEN x.lateness_us END) / 1000, 1) AS lateness_p99_ms, -- 99 % of them
    ROUND(MAX(CASE WHEN NOT x.lost THEN x.lateness_us END) / 1000, 1) AS lateness_max_ms, -- All of them; 4294967.3: longer than an hour
    ROUND(MIN(CASE WHEN NOT x.lost AND x.took_upto >= 0.50 * x.timed THEN x.duration_us END) / 1000, 1) AS duration_p50_ms, -- Half of them took at most so many milliseconds
    ROUND(MIN(CASE WHEN NOT x.lost AND x.took_upto >= 0.95 * x.timed THEN x.duration_us END) / 1000, 1) AS duration_p95_ms, -- 95 % of them
    ROUND(MIN(CASE WHEN NOT x.lost AND x.took_upto >= 0.99 * x.timed THEN x.duration_us END) / 1000, 1) AS duration_p99_ms, -- 99 % of them
    ROUND(MAX(CASE WHEN NOT x.lost THEN x.duration_us END) / 1000, 1) AS duration_max_ms -- All of them; 4294967.3: longer than an hour
FROM (
    SELECT r.hour, r.queue_id, r.outcome, r.lost, r.lateness_us, r.duration_us, r.attempts,
        SUM(CASE WHEN r.lost THEN 0 ELSE r.attempts END) OVER (PARTITION BY r.hour, r.queue_id ORDER BY r.lateness_us) AS late_upto,
        SUM(CASE WHEN r.lost THEN 0 ELSE r.attempts END) OVER (PARTITION BY r.hour, r.queue_id ORDER BY r.duration_us) AS took_upto,
        SUM(CASE WHEN r.lost THEN 0 ELSE r.attempts END) OVER (PARTITION BY r.hour, r.queue_id) AS timed
    FROM (
        SELECT h.hour, m.queue_id, m.outcome, m.class = 'lost' AS lost, m.lateness_us, m.duration_us,
            SUM(m.attempts) AS attempts
        FROM (
            WITH RECURSIVE
                days AS (
                    SELECT CAST(UTC_DATE() AS DATETIME) AS day
                    UNION ALL
                    SELECT day - INTERVAL 1 DAY FROM days
                    WHERE day > (SELECT MIN(minute) FROM {prefix}rollups_minute) AND day > UTC_DATE() - INTERVAL 900 DAY
                ),
                hours AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM hours WHERE n < 23)
            SELECT day + INTERVAL n HOUR AS hour FROM days CROSS JOIN hours
        ) h
        STRAIGHT_JOIN {prefix}rollups_minute m ON m.minute >= h.hour AND m.minute < h.hour + INTERVAL 1 HOUR
        GROUP BY h.hour, m.queue_id, m.outcome, m.class = 'lost', m.lateness_us, m.duration_us
    ) r
) x
LEFT JOIN {prefix}queues q ON q.id = x.queue_id
GROUP BY x.hour, x.queue_id, q.name
