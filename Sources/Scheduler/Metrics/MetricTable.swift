/// All metrics. What is told at `/metrics`, and `docs/metrics.md`, come from here.
package enum MetricTable {
    /// Metrics about one thing.
    package struct Section: Sendable {
        package let title: String
        package let metrics: [Metric]
    }

    package static let sections = [
        Section(
            title: "Tasks on their way",
            metrics: [
                tasksAccepted, tasksBuffered, tasksRefused, tasksQuarantined, tasksClaimed, tasksStarted, tasksDeferred,
                callsFired, earlyFires, outcomes, outcomesSuperseded, tasksExpired, tasksRecovered,
            ]),
        Section(title: "How long it takes", metrics: [lateness, callDuration, deferral]),
        Section(
            title: "What waits in this instance",
            metrics: [
                wheelTasks, callsInFlight, breakersOpen, destinationsPaused, intakeWaiting, outcomesWaiting,
            ]),
        Section(
            title: "This instance in the cluster",
            metrics: [ready, leaseAge, leasesLost, clockError, buildInfo]),
        Section(
            title: "Its connections to the database",
            metrics: [poolWait, poolHold, transactionRetries]),
        Section(
            title: "The database",
            metrics: [
                databaseUp, backlogTasks, backlogOldest, instances, partitionsAhead, historyListLength,
                oldestTransaction, replicaUp, replicaLag,
            ]),
        Section(
            title: "History",
            metrics: [
                historyDays, historyOldest, historyOverdue, lastRemoval, lastRemovalFailure, daysRemoved, tasksThinned,
                retentionFailures,
            ]),
        Section(title: "Redis", metrics: [sourceUp, sourceMessages, sourceLag]),
    ]

    package static let all: [Metric] = sections.flatMap(\.metrics)

    // MARK: Tasks on their way

    static let tasksAccepted = Metric(
        "schedulerd_tasks_accepted_total", .counter,
        labels: [
            "via": "`request`: HTTP or an embedding program; `source`: Redis, the intake buffer included; "
                + "`follow_up`: what followed the end of a task"
        ],
        "Tasks that were accepted, counted after the COMMIT.")
    static let tasksBuffered = Metric(
        "schedulerd_tasks_buffered_total", .counter,
        "Tasks that went into the intake buffer because the database did not take them.")
    static let tasksRefused = Metric(
        "schedulerd_tasks_refused_total", .counter,
        "Tasks that were refused because they could not be stored in time: the database is away or too slow.")
    static let tasksQuarantined = Metric(
        "schedulerd_tasks_quarantined_total", .counter,
        "Messages from Redis that could not become tasks and are in quarantine.")
    static let tasksClaimed = Metric(
        "schedulerd_tasks_claimed_total", .counter,
        labels: [
            "how": "`poll`: taken from the tables; `placed`: claimed by the transaction that accepted or retried it"
        ],
        "Tasks that this instance took over to run.")
    static let tasksStarted = Metric(
        "schedulerd_tasks_started_total", .counter,
        "Tasks whose start was committed and which were handed on to be called at their plan time.")
    static let tasksDeferred = Metric(
        "schedulerd_tasks_deferred_total", .counter,
        labels: [
            "reason":
                "`failing`: the destination's breaker is open; `paused`; `full`: as many of its calls run as may; `limited`: as many were made lately as may be; "
                + "`elsewhere`: other instances have all of its limit; `asked`: it asked for a pause by Retry-After"
        ],
        "Times that due tasks were put off because their destination let nothing through; no attempt is used.")
    static let callsFired = Metric(
        "schedulerd_calls_fired_total", .counter, "Calls that were made, counted when they have ended.")
    static let earlyFires = Metric(
        "schedulerd_early_fires_total", .counter,
        "Calls that were begun before their plan time by the database's clock; must stay 0.")
    static let outcomes = Metric(
        "schedulerd_outcomes_total", .counter,
        labels: [
            "result": "`succeeded`; `retried`: failed, and tried again; `dead`: failed for good",
            "class": "`success`, or the kind of failure, as `class` in the attempt log",
        ],
        "Attempts whose outcome is committed.")
    static let outcomesSuperseded = Metric(
        "schedulerd_outcomes_superseded_total", .counter,
        "Outcomes that were dropped because another instance had taken the task over.")
    static let tasksExpired = Metric(
        "schedulerd_tasks_expired_total", .counter,
        "Tasks that ended without a call because they were not started before their `expires_at`. No attempts, so not "
            + "among the outcomes.")
    static let tasksRecovered = Metric(
        "schedulerd_tasks_recovered_total", .counter,
        labels: ["fate": "`returned`: it had not been started; `retried`; `dead`"],
        "Tasks taken over from instances whose lease ran out.")

    // MARK: How long it takes

    static let lateness = Metric(
        "schedulerd_lateness_seconds",
        .histogram(bounds: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600]),
        "How long after its plan time a call was begun; of a task that was put off, after the time it was put off to.")
    static let deferral = Metric(
        "schedulerd_deferral_seconds",
        .histogram(bounds: [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400]),
        "How long after the time at which they were due first calls were begun whose tasks had been put off.")
    static let callDuration = Metric(
        "schedulerd_call_duration_seconds",
        .histogram(bounds: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300]),
        "How long a call took, from its begin to the end of the answer.")

    // MARK: What waits in this instance

    static let wheelTasks = Metric(
        "schedulerd_wheel_tasks", .gauge, "Tasks that this instance has claimed and that wait for their plan time.")
    static let callsInFlight = Metric(
        "schedulerd_calls_in_flight", .gauge, "Tasks that were started and whose call has not ended.")
    static let breakersOpen = Metric(
        "schedulerd_breakers_open", .gauge,
        "Destinations that this instance does not call, or only tries, because they fail.")
    static let destinationsPaused = Metric(
        "schedulerd_destinations_paused", .gauge,
        labels: ["by": "`failure`: it had failed for breaker.pause_after_days; `person`"],
        "Destinations that are paused, as this instance knows it: nothing is sent to them until somebody resumes them.")
    static let intakeWaiting = Metric(
        "schedulerd_intake_waiting_tasks", .gauge, "Tasks that wait to be stored; the limit is intake.max_waiting.")
    static let outcomesWaiting = Metric(
        "schedulerd_outcomes_waiting", .gauge,
        "Calls that have ended and whose outcome is not stored yet; nothing is started from outcome.max_waiting on.")

    // MARK: This instance in the cluster

    static let ready = Metric(
        "schedulerd_ready", .gauge, "1 when this instance can accept and run tasks, as /readyz says; else 0.")
    static let leaseAge = Metric(
        "schedulerd_lease_age_seconds", .gauge,
        "How long ago the lease was renewed; at cluster.lease_s it is lost. Absent while there is none.")
    static let leasesLost = Metric(
        "schedulerd_leases_lost_total", .counter,
        "How often this process lost its lease and had to begin anew, while what it had claimed went to others.")
    static let clockError = Metric(
        "schedulerd_clock_error_seconds", .gauge,
        "By how much this instance's idea of the database's clock may be wrong; calls are made later by as much.")
    static let buildInfo = Metric(
        "schedulerd_build_info", .gauge, labels: ["version": "as `schedulerd version` prints it"],
        "Always 1; the label tells which build runs.")

    // MARK: Its connections to the database

    private static let pools =
        "`pulse`: lease and clock; `engine`: claims, starts, outcomes; `front`: requests and pages; `replica`: pages"
    private static let poolBounds = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 10]
    static let poolWait = Metric(
        "schedulerd_pool_wait_seconds", .histogram(bounds: poolBounds), labels: ["pool": pools],
        "How long a transaction waited for a connection.")
    static let poolHold = Metric(
        "schedulerd_pool_hold_seconds", .histogram(bounds: poolBounds), labels: ["pool": pools],
        "How long a transaction had its connection.")
    static let transactionRetries = Metric(
        "schedulerd_transaction_retries_total", .counter,
        labels: ["code": "the server's error: `1213` deadlock, `1205` lock wait, `1020` changed, `1317` interrupted"],
        "Transactions that were run again because the server had rolled them back.")

    // MARK: The database

    static let databaseUp = Metric(
        "schedulerd_database_up", .gauge,
        "1 when the figures of the database could be had in time; while it is 0 the others of this section are absent.")
    static let backlogTasks = Metric(
        "schedulerd_backlog_tasks", .gauge,
        labels: ["older_than_seconds": "`0`, `1`, `10`, `60`, `600`, `3600`: each counts those of the later ones too"],
        "Tasks of the whole cluster that are overdue by more than this and not started, without those of paused queues; "
            + "estimated from 10,000 on.")
    static let backlogOldest = Metric(
        "schedulerd_backlog_oldest_seconds", .gauge,
        "For how long the oldest of them has been overdue; 0 when there is none.")
    static let instances = Metric(
        "schedulerd_instances", .gauge,
        labels: ["state": "`alive`; `expired`: its lease has run out and it was not recovered yet"],
        "Instances of the cluster.")
    static let partitionsAhead = Metric(
        "schedulerd_partitions_ahead", .gauge,
        "Partitions for days to come, from tomorrow on, that both tables have; kept at retention.partitions_ahead_days."
    )
    static let historyListLength = Metric(
        "schedulerd_history_list_length", .gauge,
        "InnoDB's old row versions that were not purged yet, in undo logs; absent without the PROCESS right.")
    static let oldestTransaction = Metric(
        "schedulerd_oldest_transaction_seconds", .gauge,
        "For how long the oldest open transaction of the server has been open; absent without the PROCESS right.")

    static let replicaUp = Metric(
        "schedulerd_replica_up", .gauge,
        "1 when the replica answers in time, 0 when it is away; absent without slave_db.")
    static let replicaLag = Metric(
        "schedulerd_replica_lag_seconds", .gauge,
        "The age of the newest heartbeat of an instance that the replica has: it is behind by so much at most. The pause "
            + "between heartbeats, cluster.heartbeat_s, is in it. Absent while the replica is away.")

    // MARK: History

    static let historyDays = Metric(
        "schedulerd_history_partitions", .gauge, "Partitions of past days that the tables have, today's included.")
    static let historyOldest = Metric(
        "schedulerd_history_oldest_day_age_seconds", .gauge,
        "How long ago the day of the oldest partition ended; 0 when there is none of a day before today.")
    static let historyOverdue = Metric(
        "schedulerd_history_overdue_partitions", .gauge,
        "Partitions of days that ended longer than retention.days ago; those with tasks that ended later, or have not "
            + "ended, among them. 0 with retention.days 0.")
    static let lastRemoval = Metric(
        "schedulerd_history_last_removal_timestamp_seconds", .gauge,
        "When any instance last removed a day, as unix time; 0: none has.")
    static let lastRemovalFailure = Metric(
        "schedulerd_history_last_failure_timestamp_seconds", .gauge,
        "When an instance last failed to remove old days, as unix time; 0: none has. `schedulerd doctor` tells why."
    )
    static let daysRemoved = Metric(
        "schedulerd_history_partitions_removed_total", .counter, "Days that this instance removed.")
    static let tasksThinned = Metric(
        "schedulerd_history_tasks_thinned_total", .counter,
        "Tasks that this instance deleted one by one from days that cannot be dropped yet.")
    static let retentionFailures = Metric(
        "schedulerd_history_failures_total", .counter, "How often this instance failed to remove old days.")

    // MARK: Redis

    private static let sources = "the key in Redis"
    static let sourceUp = Metric(
        "schedulerd_source_up", .gauge, labels: ["key": sources], "1 when Redis told in time what waits there; else 0.")
    static let sourceMessages = Metric(
        "schedulerd_source_messages", .gauge, labels: ["key": sources],
        "Messages that wait there, those being moved included.")
    static let sourceLag = Metric(
        "schedulerd_source_lag_seconds", .gauge, labels: ["key": sources],
        "How long ago this instance saw it empty: no message waits for longer. Absent until it was.")
}
