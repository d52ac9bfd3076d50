-- Tasks that failed for good and were not retried by hand. By time: give a range of `died_at`, which has an index.
SELECT
    d.task_id AS id, -- The task's id as the tables have it: 16 bytes
    LOWER(INSERT(INSERT(INSERT(INSERT(HEX(d.task_id), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')) AS task_id, -- The same as the API writes it
    q.name AS queue, -- The queue's name
    d.died_at AS died_at, -- When it failed for good
    d.reason AS reason, -- Why it is not tried again
    LOWER(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(t.url, '/', 3), '/', -1), '?', 1), '#', 1)) AS host, -- Of the URL, with the port if it names one
    SUBSTRING_INDEX(SUBSTRING_INDEX(t.url, '?', 1), '#', 1) AS url, -- Up to the query
    t.attempt AS attempts, -- Attempts made
    t.created_at AS created_at, -- When it was accepted
    t.plan_time AS plan_time, -- When the last attempt was due
    t.labels AS labels, -- A JSON object of strings; NULL: none
    a.class AS last_class, -- Kind of failure of the last attempt; NULL: it is not kept
    a.status AS last_status, -- Its HTTP status; NULL: no answer
    t.expired AS expired -- 1: it was not started before its expires_at, so the last attempt, if there is one, was before; 0: it failed
FROM {prefix}dead_letters d
LEFT JOIN {prefix}tasks t ON t.id = d.task_id
LEFT JOIN {prefix}attempts a ON a.task_id = d.task_id AND a.attempt = t.attempt
LEFT JOIN {prefix}queues q ON q.id = d.queue_id
