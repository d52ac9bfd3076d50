-- The starts of schedulerd's processes, one row each, and what they did in the last hour.
SELECT
    i.incarnation AS incarnation, -- The number of the start; never used again
    i.name AS name, -- The instance's name
    i.version AS version, -- Of the program
    CASE
        WHEN i.ended_at IS NOT NULL THEN 'ended'
        WHEN i.lease_until < UTC_TIMESTAMP(6) THEN 'silent'
        ELSE 'alive'
    END AS state, -- alive; silent: its lease is over and others take what it had; ended: nothing of it is left
    i.started_at AS started_at, -- When the process started
    i.heartbeat_at AS heartbeat_at, -- When it was heard of last
    i.lease_until AS lease_until, -- Until when it may call without being heard of again
    i.ended_at AS ended_at, -- When nothing was left of it; NULL: it lives, or others have to clean up
    COALESCE(c.claimed, 0) AS claimed, -- Tasks that it has and has not started
    COALESCE(c.running, 0) AS running, -- Tasks that it is calling
    COALESCE(a.attempts, 0) AS attempts_1h, -- Attempts that ended in the last 60 whole minutes, and since
    COALESCE(a.succeeded, 0) AS succeeded_1h, -- Of these, those that succeeded
    COALESCE(a.lost, 0) AS lost_1h -- Of these, those that it left when it died
FROM {prefix}instances i
LEFT JOIN (
    SELECT incarnation, SUM(started_at IS NULL) AS claimed, COUNT(started_at) AS running
    FROM {prefix}claims GROUP BY incarnation
) c ON c.incarnation = i.incarnation
LEFT JOIN (
    SELECT incarnation, SUM(attempts) AS attempts, SUM(CASE WHEN outcome = 1 THEN attempts ELSE 0 END) AS succeeded,
        SUM(CASE WHEN class = 'lost' THEN attempts ELSE 0 END) AS lost
    FROM {prefix}rollups_minute WHERE minute >= UTC_TIMESTAMP() - INTERVAL 61 MINUTE GROUP BY incarnation
) a ON a.incarnation = i.incarnation
