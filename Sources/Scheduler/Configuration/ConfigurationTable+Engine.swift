/// The sections along the path of a task: queue, intake, claim, start, dispatch, outcome; and the cluster.
extension ConfigurationTable {
    static let engine: [Section] = [
        queue, intake, claim, start, dispatch, addressPolicy, breaker, signing, outcome, cluster,
    ]

    private static let queue = Section(
        "queue", "What holds for tasks that do not say it themselves.",
        [
            ConfigurationKey(
                "key", .text(.line), "delay_queue_task", effect: .live,
                "The Redis list that producers push tasks to, unless intake.sources names others."),
            ConfigurationKey("slot", .integer(1...65536), 60, "The number of slots of the wheel."),
            ConfigurationKey(
                "time_interval", .integer(0...86400), 10, unit: .seconds, effect: .live,
                "How long from now a task runs whose plan time is 0 or past, when it comes by the old interfaces."),
            ConfigurationKey(
                "max_retry_num", .integer(0...RetryTable.lastRetry), 6, effect: .live,
                "How often a failed task is tried again before it is dead."),
            ConfigurationKey(
                "retry_default_time", .integer(0...RetryTable.longestDelay), 60, unit: .seconds, effect: .live,
                "The delay before a retry that retry_time_config does not list."),
            ConfigurationKey(
                "retry_time_config", .retryTable, ["1_5", "2_15", "3_30", "4_180", "5_3600", "6_7200"], unit: .seconds,
                effect: .live, "The delay before each retry, counted from the failed attempt."),
        ])

    private static let intake = Section(
        "intake", "How tasks are taken in. Requests that arrive together share one INSERT and one COMMIT.",
        [
            ConfigurationKey(
                "buffer", .choice(["off", "redis"]), "off",
                "Where tasks are put that come in over HTTP while the database is away: nowhere, or into Redis."),
            ConfigurationKey("buffer_key", .text(.line), "schedulerd:intake", "The Redis list of the buffer."),
            ConfigurationKey("batch", .integer(1...5000), 500, effect: .live, "The most tasks in one transaction."),
            ConfigurationKey(
                "max_waiting", .integer(1...1_000_000), 10_000, effect: .live,
                "The most tasks that wait to be stored; further requests are refused until there is room."),
            ConfigurationKey(
                "timeout_ms", .integer(100...600_000), 10_000, unit: .milliseconds, effect: .live,
                "How long a task may wait to be stored before its request is answered with an error."),
            ConfigurationKey(
                "connections", .integer(1...64), 2,
                "How many transactions store tasks side by side; at most master_db.db_max_open_conns."),
            ConfigurationKey(
                "new_queues", .choice(["by_task", "by_hand"]), "by_task", effect: .live,
                "Whether a request for a task makes the queue that it names, or is refused when it is not there."),
            ConfigurationKey(
                "sources", .entries(source), .entries([]), effect: .live,
                "What the role intake takes tasks from. Without the key: the list queue.key; an empty list: nothing."),
        ])

    private static let claim = Section(
        "claim", "How an instance takes over tasks that are soon due.",
        [
            ConfigurationKey(
                "lookahead_ms", .integer(1000...3_600_000), 30_000, unit: .milliseconds,
                "How long before its plan time a task may be claimed."),
            ConfigurationKey(
                "poll_max_ms", .integer(10...60_000), 1000, unit: .milliseconds, effect: .live,
                "The longest pause between two looks at the scheduled tasks; at most half of lookahead_ms."),
            ConfigurationKey(
                "ready_poll_ms", .integer(10...60_000), 100, unit: .milliseconds, effect: .live,
                "The pause while tasks that are due soon keep coming in; at most poll_max_ms."),
            ConfigurationKey("batch", .integer(1...5000), 500, effect: .live, "The most tasks in one claim."),
            ConfigurationKey(
                "high_watermark", .integer(1...1_000_000), 50_000, effect: .live,
                "The most tasks this instance holds; claiming stops there."),
            ConfigurationKey(
                "low_watermark", .integer(0...1_000_000), 40_000, effect: .live,
                "Claiming goes on when no more than this are held; at most high_watermark."),
            ConfigurationKey(
                "sweep_s", .integer(1...3600), 5, unit: .seconds, effect: .live,
                "How often tasks are looked for from the very beginning, to find those that were committed late."),
        ])

    private static let start = Section(
        "start", "The last step before a call, after which a task can no longer be cancelled.",
        [
            ConfigurationKey(
                "lead_ms", .integer(1...500), 50, unit: .milliseconds, effect: .live,
                "How long before the plan time the task is marked as running and its request is read; together with "
                    + "others up to a third of that earlier."),
            ConfigurationKey("batch", .integer(1...5000), 500, effect: .live, "The most tasks in one such step."),
        ])

    private static let dispatch = Section(
        "dispatch", "The HTTP calls.",
        [
            ConfigurationKey(
                "max_in_flight", .integer(1...20_000), 512, effect: .live, "The most calls at the same time."),
            ConfigurationKey(
                "destination_share_percent", .integer(1...100), 75, effect: .live,
                "How much of max_in_flight one destination may have when its calls take longer than about a second."),
            ConfigurationKey(
                "timeout_ms", .integer(100...3_600_000), 15_000, unit: .milliseconds, effect: .live,
                "How long a call may take in all, when the task does not say."),
            ConfigurationKey(
                "response_limit_bytes", .integer(1024...16_777_216), 65_536, unit: .bytes, effect: .live,
                "How much of an answer is read to judge it."),
            ConfigurationKey(
                "response_log_bytes", .integer(0...8192), 2048, unit: .bytes, effect: .live,
                "How much of an answer the attempt log keeps; at most response_limit_bytes."),
            ConfigurationKey(
                "user_agent", .text(.headerValue), "schedulerd", effect: .live,
                "The User-Agent header of a call, when the task does not set it."),
            ConfigurationKey(
                "tls_ca", .text(.path), "", effect: .live,
                "The certificate authorities to check receivers against (PEM); empty: those of the system."),
        ])

    private static let addressPolicy = Section(
        "dispatch.address_policy", "Which addresses calls may go to, checked on the address that is connected to.",
        [
            ConfigurationKey(
                "preset", .choice(["internal", "public"]), "internal", effect: .live,
                "internal allows private networks and loopback as well, public only public addresses; link-local, "
                    + "metadata, multicast and unspecified addresses are refused by both."),
            ConfigurationKey(
                "allow", .addressRanges, [], effect: .live, "Addresses that are allowed beside those of the preset."),
            ConfigurationKey(
                "deny", .addressRanges, [], effect: .live, "Addresses that are refused; goes before allow and preset."),
        ])

    private static let breaker = Section(
        "breaker",
        "When a destination that fails is left alone. Its tasks wait meanwhile, and use no attempts. Failures are calls "
            + "without an answer, and the statuses 429 and 500 to 599.",
        [
            ConfigurationKey(
                "failures", .integer(0...10_000), 15, effect: .live,
                "So many failures in a row open its breaker; 0: no breaker ever opens."),
            ConfigurationKey(
                "failure_percent", .integer(1...100), 75, effect: .live,
                "So does this part of its calls in window_s, from min_calls on."),
            ConfigurationKey(
                "min_calls", .integer(1...100_000), 20, effect: .live, "Below it failure_percent means nothing."),
            ConfigurationKey(
                "window_s", .integer(1...3600), 30, unit: .seconds, effect: .live,
                "How far back failure_percent looks."),
            ConfigurationKey(
                "open_s", .integer(1...86_400), 5, unit: .seconds, effect: .live,
                "How long it is left alone at first; each time that it still fails twice as long as before."),
            ConfigurationKey(
                "open_max_s", .integer(1...86_400), 300, unit: .seconds, effect: .live,
                "The longest that it is left alone without another try; so much of its own Retry-After holds for all "
                    + "of its tasks. At least open_s."),
            ConfigurationKey(
                "probes", .integer(1...1000), 3, effect: .live,
                "How many calls then try it; as many successes let all through again."),
            ConfigurationKey(
                "returns_per_second", .integer(1...100_000), 500, effect: .live,
                "At which rate its tasks come back that have waited, for each instance."),
            ConfigurationKey(
                "pause_after_days", .integer(0...3650), 3, unit: .days, effect: .live,
                "A destination that has failed for so long is paused until somebody resumes it; 0: none is."),
        ])

    private static let signing = Section(
        "signing", "The secrets that calls are signed with and that are kept in the database.",
        [
            ConfigurationKey(
                "database_key", .text(.sealKey), "", effect: .live, secret: true,
                "With it they are encrypted there, the same on all instances; empty: none can be put there or used. Without "
                    + "it they are lost.")
        ])

    private static let outcome = Section(
        "outcome", "How the results of calls are stored.",
        [
            ConfigurationKey("batch", .integer(1...5000), 500, effect: .live, "The most results in one transaction."),
            ConfigurationKey(
                "delay_ms", .integer(0...1000), 5, unit: .milliseconds, effect: .live,
                "How long a result waits for others to share its transaction."),
            ConfigurationKey(
                "max_waiting", .integer(1...1_000_000), 20_000, effect: .live,
                "The most results that wait while MySQL is away; claiming stops before. At least "
                    + "dispatch.max_in_flight."),
            ConfigurationKey(
                "retry_after_limit_s", .integer(0...31_536_000), 86_400, unit: .seconds, effect: .live,
                "The longest that a receiver can put off a retry by Retry-After; 0: not at all."),
        ])

    private static let cluster = Section(
        "cluster", "How instances know of each other.",
        [
            ConfigurationKey(
                "lease_s", .integer(3...300), 10, unit: .seconds,
                "How long after its last heartbeat an instance counts as dead, and its tasks go to others."),
            ConfigurationKey(
                "heartbeat_s", .integer(1...149), 3, unit: .seconds,
                "How often an instance reports; less than half of lease_s."),
        ])
}
