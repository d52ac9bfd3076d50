-- Every task, live and finished, one row each. Headers, body and the query of the URL are left out: they may hold secrets.
-- By time of creation: give a range of `id`, see above.
SELECT
    t.id AS id, -- The id as the tables have it: 16 bytes, of which the first 6 are the milliseconds of its creation
    LOWER(INSERT(INSERT(INSERT(INSERT(HEX(t.id), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')) AS task_id, -- The same as the API writes it
    (SELECT q.name FROM {prefix}queues q WHERE q.id = t.queue_id) AS queue, -- The queue's name
    CASE
        WHEN t.state = 1 THEN _ascii'succeeded'
        WHEN t.state = 3 THEN _ascii'dead'
        WHEN t.state = 4 THEN _ascii'cancelled'
        WHEN (SELECT c.started_at FROM {prefix}claims c WHERE c.task_id = t.id) IS NOT NULL THEN _ascii'running'
        WHEN t.state = 2 THEN _ascii'retrying'
        WHEN EXISTS (SELECT 1 FROM {prefix}claims c WHERE c.task_id = t.id) THEN _ascii'claimed'
        ELSE _ascii'scheduled'
    END AS state, -- scheduled, claimed, running, retrying, succeeded, dead or cancelled, as in the API
    CASE WHEN t.state < 4 THEN t.state END AS old_state, -- As delay_queue numbered them: 0 waiting, 1 succeeded, 2 failed and waiting for a retry, 3 failed for good; NULL: cancelled
    t.attempt AS attempts, -- Attempts made
    t.max_retries AS max_retries, -- Retries allowed after the first attempt
    t.created_at AS created_at, -- When it was accepted
    t.requested_time AS requested_time, -- When the producer wanted it called
    t.plan_time AS plan_time, -- When the next attempt is due, or the last one was
    t.finished_at AS finished_at, -- When it succeeded, died or was cancelled; NULL: it is live
    t.method AS method, -- Of the request
    LOWER(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(t.url, '/', 3), '/', -1), '?', 1), '#', 1)) AS host, -- Of the URL, with the port if it names one
    SUBSTRING_INDEX(SUBSTRING_INDEX(t.url, '?', 1), '#', 1) AS url, -- Up to the query
    t.success_rule AS success_rule, -- How answers are judged
    t.timeout_ms AS timeout_ms, -- Limit of one attempt in milliseconds
    t.labels AS labels, -- A JSON object of strings; NULL: none
    t.version AS version, -- Counts the changes made by people and programs, from 1
    CASE WHEN t.state IN (0, 2) THEN (SELECT c.incarnation FROM {prefix}claims c WHERE c.task_id = t.id) END AS incarnation, -- The start of an instance that has it (report_instances); NULL: none
    t.expires_at AS expires_at, -- From when on it is not called; NULL: it does not expire
    t.expired AS expired, -- 1: it is dead because it was not started before expires_at; 0: it is not
    LOWER(INSERT(INSERT(INSERT(INSERT(HEX(t.follows), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')) AS follows -- The task whose follow-up it is; NULL: it is none
FROM {prefix}tasks t
