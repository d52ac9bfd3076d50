-- How far the tasks that were created within the last 24 hours had to be retried: one row for each number of an attempt.
SELECT
    x.attempt AS attempt, -- 1: the first call, 2: the first retry
    x.made AS made, -- How many were made
    x.succeeded AS succeeded, -- Of these, those that succeeded
    x.made - x.succeeded AS failed, -- Of these, those that failed
    COALESCE(LEAD(x.made) OVER (ORDER BY x.attempt), 0) AS went_on, -- Tasks that were tried again already; the others wait, or have failed for good
    ROUND(100 * x.succeeded / x.made, 2) AS success_percent, -- Of those that were made
    ROUND(100 * SUM(x.succeeded) OVER (ORDER BY x.attempt) / FIRST_VALUE(x.made) OVER (ORDER BY x.attempt), 2) AS succeeded_by_now_percent -- Share of the tasks that have succeeded with this attempt or an earlier one
FROM (
    SELECT a.attempt, COUNT(*) AS made, SUM(a.succeeded) AS succeeded
    FROM {prefix}attempts a
    WHERE a.task_id >= UNHEX(RPAD(LPAD(HEX(1000 * UNIX_TIMESTAMP(NOW() - INTERVAL 1 DAY)), 12, '0'), 32, '0'))
    GROUP BY a.attempt
) x
