-- What became of the tasks that were created within the last 24 hours: how many are in each state, by queue. The same as
-- counting report_tasks, several times as fast.
SELECT
    q.name AS queue, -- The queue's name
    CASE x.state WHEN 0 THEN 'scheduled' WHEN 1 THEN 'succeeded' WHEN 2 THEN 'retrying' WHEN 3 THEN 'dead' WHEN 4 THEN 'cancelled'
        WHEN 5 THEN 'claimed' WHEN 6 THEN 'running' END AS state, -- scheduled, claimed, running, retrying, succeeded, dead or cancelled, as in the API
    CASE WHEN x.old_state < 4 THEN x.old_state END AS old_state, -- As delay_queue numbered them: 0 waiting, 1 succeeded, 2 failed and waiting for a retry, 3 failed for good; NULL: cancelled
    SUM(x.tasks) AS tasks -- How many
FROM (
    SELECT t.queue_id, t.state, t.state AS old_state, CAST(COUNT(*) AS SIGNED) AS tasks
    FROM {prefix}tasks t
    WHERE t.id >= UNHEX(RPAD(LPAD(HEX(1000 * UNIX_TIMESTAMP(NOW() - INTERVAL 1 DAY)), 12, '0'), 32, '0'))
    GROUP BY t.queue_id, t.state
    UNION ALL
    SELECT a.queue_id, CASE WHEN n.sign < 0 THEN a.state WHEN c.started_at IS NOT NULL THEN 6 WHEN a.state = 2 THEN 2 ELSE 5 END,
        a.state, n.sign
    FROM {prefix}claims c
    JOIN {prefix}tasks a ON a.id = c.task_id
    CROSS JOIN (SELECT -1 AS sign UNION ALL SELECT 1) n
    WHERE c.task_id >= UNHEX(RPAD(LPAD(HEX(1000 * UNIX_TIMESTAMP(NOW() - INTERVAL 1 DAY)), 12, '0'), 32, '0'))
) x
LEFT JOIN {prefix}queues q ON q.id = x.queue_id
GROUP BY x.queue_id, q.name, x.state, x.old_state
HAVING SUM(x.tasks) > 0
