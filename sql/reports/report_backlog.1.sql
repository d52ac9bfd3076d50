-- How many tasks wait, by queue: those due within the next 60 minutes by minute, those overdue by age. What is being called
-- is not counted. Of the tasks that came in when they were due already, 200,000 are looked at.
SELECT
    q.name AS queue, -- The queue's name
    w.slot < 0 AS is_overdue, -- 1: their plan time has passed
    CASE
        WHEN w.slot < 0 THEN UTC_TIMESTAMP() - INTERVAL ELT(-w.slot, 1, 10, 60, 600, 3600) SECOND
        ELSE UTC_TIMESTAMP() + INTERVAL w.slot MINUTE
    END AS due_from, -- Their plan times are at or after it; NULL: however long ago
    CASE
        WHEN w.slot < 0 THEN UTC_TIMESTAMP() - INTERVAL ELT(-w.slot, 0, 1, 10, 60, 600, 3600) SECOND
        ELSE UTC_TIMESTAMP() + INTERVAL w.slot + 1 MINUTE
    END AS due_before, -- And before it
    w.tasks AS tasks -- How many
FROM (
    SELECT u.queue_id,
        CASE
            WHEN u.plan_time < UTC_TIMESTAMP()
                THEN -1 - INTERVAL(TIMESTAMPDIFF(SECOND, u.plan_time, UTC_TIMESTAMP()), 1, 10, 60, 600, 3600)
            ELSE TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), u.plan_time)
        END AS slot,
        COUNT(*) AS tasks
    FROM (
        SELECT s.queue_id, s.plan_time
        FROM (SELECT id, UTC_TIMESTAMP() + INTERVAL 60 MINUTE AS until FROM {prefix}queues GROUP BY id) x
        STRAIGHT_JOIN {prefix}scheduled s
            ON s.queue_id >= x.id AND s.queue_id <= x.id AND s.plan_time < x.until
        UNION ALL
        (SELECT queue_id, plan_time FROM {prefix}ready LIMIT 200000)
        UNION ALL
        SELECT queue_id, plan_time FROM {prefix}claims WHERE started_at IS NULL
    ) u
    GROUP BY u.queue_id, slot
) w
JOIN {prefix}queues q ON q.id = w.queue_id
