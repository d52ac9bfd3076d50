-- The queues, and what went through them in the last hour. How much waits: report_backlog.
SELECT
    q.name AS queue, -- The queue's name
    q.created_at AS created_at, -- When it was first named
    q.paused_at AS paused_at, -- Nothing is called since then; NULL: it is not paused
    (SELECT s.plan_time FROM {prefix}scheduled s WHERE s.queue_id = q.id ORDER BY s.plan_time LIMIT 1) AS next_scheduled, -- The earliest plan time among those that were not due soon when they came in; NULL: there are none
    (SELECT r.entered_at FROM {prefix}ready r WHERE r.queue_id = q.id ORDER BY r.entered_at LIMIT 1) AS oldest_ready, -- Since when the first of those waits that were due soon; NULL: there are none
    COALESCE(c.claimed, 0) AS claimed, -- Tasks that an instance has and has not started
    COALESCE(c.running, 0) AS running, -- Tasks that are being called
    COALESCE(a.attempts, 0) AS attempts_1h, -- Attempts that ended in the last 60 whole minutes, and since
    COALESCE(a.succeeded, 0) AS succeeded_1h, -- Of these, those that succeeded
    COALESCE(a.retrying, 0) AS retrying_1h, -- Those that failed and are tried again
    COALESCE(a.dead, 0) AS dead_1h, -- Those with which the task failed for good
    q.priority AS priority, -- Its class: overdue tasks of a higher one go first
    q.weight AS weight, -- Its part of the calls that its class has for overdue tasks
    q.max_concurrency AS max_concurrency, -- The most calls in flight in the cluster; NULL: no limit
    q.rate_per_second AS rate_per_second -- The most calls a second in the cluster; NULL: no limit
FROM {prefix}queues q
LEFT JOIN (
    SELECT queue_id, SUM(started_at IS NULL) AS claimed, COUNT(started_at) AS running
    FROM {prefix}claims GROUP BY queue_id
) c ON c.queue_id = q.id
LEFT JOIN (
    SELECT queue_id, SUM(attempts) AS attempts, SUM(CASE WHEN outcome = 1 THEN attempts ELSE 0 END) AS succeeded,
        SUM(CASE WHEN outcome = 2 THEN attempts ELSE 0 END) AS retrying,
        SUM(CASE WHEN outcome = 3 THEN attempts ELSE 0 END) AS dead
    FROM {prefix}rollups_minute WHERE minute >= UTC_TIMESTAMP() - INTERVAL 61 MINUTE GROUP BY queue_id
) a ON a.queue_id = q.id
WHERE q.deleted_at IS NULL
