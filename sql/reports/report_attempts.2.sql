-- Every call that was made, one row each. Answers are left out: they may hold secrets.
-- By the time of creation of the task: give a range of `id`, see above.
SELECT
    a.task_id AS id, -- The task's id as the tables have it: 16 bytes
    LOWER(INSERT(INSERT(INSERT(INSERT(HEX(a.task_id), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')) AS task_id, -- The same as the API writes it
    a.attempt AS attempt, -- Counts from 1
    (SELECT q.name FROM {prefix}queues q WHERE q.id = t.queue_id) AS queue, -- The queue's name
    LOWER(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(t.url, '/', 3), '/', -1), '?', 1), '#', 1)) AS host, -- Of the URL, with the port if it names one
    a.plan_time AS plan_time, -- When it was due
    a.started_at AS started_at, -- When the request was begun
    ROUND(TIMESTAMPDIFF(MICROSECOND, a.plan_time, a.started_at) / 1000, 3) AS lateness_ms, -- From plan_time to started_at in milliseconds
    ROUND(a.duration_us / 1000, 3) AS duration_ms, -- Of the whole attempt in milliseconds
    a.succeeded AS succeeded, -- 1 by the task's success rule, else 0
    a.class AS class, -- success, or the kind of failure; lost: the instance died meanwhile, and the times tell nothing
    a.status AS status, -- HTTP status; NULL: no answer
    a.message AS message, -- What was wrong; NULL: nothing
    ROUND(a.lookup_us / 1000, 3) AS lookup_ms, -- Milliseconds from the start until the name was resolved
    ROUND(a.connect_us / 1000, 3) AS connect_ms, -- Until connected; 0: the connection was open
    ROUND(a.tls_us / 1000, 3) AS tls_ms, -- Until TLS was agreed on; 0: without, or the connection was open
    ROUND(a.first_byte_us / 1000, 3) AS first_byte_ms, -- Until the first byte of the answer
    a.address AS address, -- Address and port really connected to; NULL: none
    a.incarnation AS incarnation -- The start of an instance that made it (report_instances); 0: an old program
FROM {prefix}attempts a
LEFT JOIN {prefix}tasks t ON t.id = a.task_id
