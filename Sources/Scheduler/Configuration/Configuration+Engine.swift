extension Configuration {
    /// What holds for tasks that do not say it themselves.
    package struct Queue: Sendable, Equatable {
        /// The Redis list that producers push tasks to.
        package var key: String
        package var slot: Int
        /// How long from now a task of the old interfaces runs whose plan time is 0 or past.
        package var timeInterval: Duration
        /// The delays before the retries 1, 2, …, each counted from the failed attempt; as many as `max_retry_num`.
        package var retryDelays: [Duration]
        /// The delay before a retry that has none of its own.
        package var retryDefaultDelay: Duration

        init(_ values: ConfigurationValues) {
            key = values.text("queue.key")
            slot = values.integer("queue.slot")
            timeInterval = values.duration("queue.time_interval")
            retryDefaultDelay = values.duration("queue.retry_default_time")
            retryDelays = Self.retryDelays(values, count: values.integer("queue.max_retry_num"))
        }

        /// The delays before the first `count` retries.
        static func retryDelays(_ values: ConfigurationValues, count: Int) -> [Duration] {
            guard let table = try? RetryTable(values.list("queue.retry_time_config")) else {
                preconditionFailure("queue.retry_time_config was checked when it was set")
            }
            return table.delays(count: count, fallback: values.duration("queue.retry_default_time"))
        }
    }

    /// How tasks are taken in.
    package struct Intake: Sendable, Equatable {
        package var buffer: Buffer
        package var bufferKey: String
        package var batch: Int
        package var maxWaiting: Int
        package var timeout: Duration
        package var connections: Int
        /// Whether a task may name a queue that is not there yet.
        package var makesQueues: Bool
        /// What the role intake takes tasks from. No two have the same server and key.
        package var sources: [Source]

        init(_ values: ConfigurationValues) {
            buffer = values.choice("intake.buffer")
            bufferKey = values.text("intake.buffer_key")
            batch = values.integer("intake.batch")
            maxWaiting = values.integer("intake.max_waiting")
            timeout = values.duration("intake.timeout_ms")
            connections = values.integer("intake.connections")
            makesQueues = values.text("intake.new_queues") == "by_task"
            sources =
                values.isSet("intake.sources")
                ? values.entries("intake.sources").map { Source($0, values) }
                : [Source(Source.standardEntry(values), values)]
        }

        package enum Buffer: String, Sendable, Equatable {
            case off, redis
        }
    }

    /// How tasks that are soon due are taken over.
    package struct Claim: Sendable, Equatable {
        package var lookahead: Duration
        package var pollMax: Duration
        package var readyPoll: Duration
        package var batch: Int
        package var highWatermark: Int
        package var lowWatermark: Int
        package var sweepInterval: Duration

        init(_ values: ConfigurationValues) {
            lookahead = values.duration("claim.lookahead_ms")
            pollMax = values.duration("claim.poll_max_ms")
            readyPoll = values.duration("claim.ready_poll_ms")
            batch = values.integer("claim.batch")
            highWatermark = values.integer("claim.high_watermark")
            lowWatermark = values.integer("claim.low_watermark")
            sweepInterval = values.duration("claim.sweep_s")
        }
    }

    /// The last step before a call.
    package struct Start: Sendable, Equatable {
        package var lead: Duration
        package var batch: Int

        init(_ values: ConfigurationValues) {
            lead = values.duration("start.lead_ms")
            batch = values.integer("start.batch")
        }
    }

    /// How results are stored.
    package struct Outcome: Sendable, Equatable {
        package var batch: Int
        package var delay: Duration
        package var maxWaiting: Int
        /// The longest that a receiver can put off a retry; zero: not at all.
        package var retryAfterLimit: Duration

        init(_ values: ConfigurationValues) {
            batch = values.integer("outcome.batch")
            delay = values.duration("outcome.delay_ms")
            maxWaiting = values.integer("outcome.max_waiting")
            retryAfterLimit = values.duration("outcome.retry_after_limit_s")
        }
    }

    /// How instances know of each other.
    package struct Cluster: Sendable, Equatable {
        package var lease: Duration
        /// Less than half of `lease`.
        package var heartbeat: Duration

        init(_ values: ConfigurationValues) {
            lease = values.duration("cluster.lease_s")
            heartbeat = values.duration("cluster.heartbeat_s")
        }
    }
}
