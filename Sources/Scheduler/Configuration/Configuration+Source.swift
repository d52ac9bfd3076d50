extension Configuration {
    /// A Redis key that tasks are taken from, and what holds for them.
    package struct Source: Sendable, Equatable {
        package var key: String
        package var kind: Kind
        /// The server that holds the key. Sources of one server have equal values here.
        package var redis: Redis
        package var queue: String
        package var successRule: SuccessRule.NamedRule
        package var retry: RetrySchedule
        /// A list on the same server that dead letters are pushed to as well.
        package var failKey: String?

        package enum Kind: String, Sendable, Equatable {
            case list
            case sortedSet = "sorted_set"
        }

        /// How often delayQS tried again, and after how many seconds.
        static let (sortedSetRetries, sortedSetDelay) = (3, 5)

        static let successRules = SuccessRule.NamedRule.allCases.map(\.rawValue)

        /// What holds without `intake.sources`.
        static func standardEntry(_ values: ConfigurationValues) -> ConfigurationEntry {
            let origin = values.origin("queue.key")
            var entry = ConfigurationEntry(at: origin)
            entry.set("key", to: values.value("queue.key"), from: origin)
            entry.set("kind", to: .text(Kind.list.rawValue), from: origin)
            return entry
        }

        init(_ entry: ConfigurationEntry, _ values: ConfigurationValues) {
            guard let key = entry.text("key"), let kind = entry.text("kind").flatMap(Kind.init(rawValue:)) else {
                preconditionFailure("the entry was checked when it was set")
            }
            let retry = kind.retry(
                values, count: entry.integer("max_retries"),
                delays: entry.list("retry_delays")?.compactMap { Int($0) }.map { .seconds($0) })
            self.key = key
            self.kind = kind
            redis = Redis(values, url: entry.text("redis"))
            queue = entry.text("queue") ?? NewTask.defaultQueue
            successRule = entry.text("success_rule").flatMap(SuccessRule.NamedRule.init) ?? kind.successRule
            self.retry = retry
            failKey = entry.text("fail_key")
        }
    }
}

extension Configuration.Source.Kind {
    /// The old program's rule.
    fileprivate var successRule: SuccessRule.NamedRule {
        switch self {
        case .list: .legacyJSONSuccess
        case .sortedSet: .legacyContainsSuccess
        }
    }

    /// The old program's schedule where nothing else is given.
    fileprivate func retry(
        _ values: ConfigurationValues, count: Int? = nil, delays: [Duration]? = nil
    ) -> RetrySchedule {
        if let delays { return RetrySchedule(maxRetries: count ?? delays.count, delays: delays) }
        switch self {
        case .list:
            let count = count ?? values.integer("queue.max_retry_num")
            return RetrySchedule(maxRetries: count, delays: Configuration.Queue.retryDelays(values, count: count))
        case .sortedSet:
            let (retries, delay) = (Configuration.Source.sortedSetRetries, Configuration.Source.sortedSetDelay)
            return RetrySchedule(maxRetries: count ?? retries, delays: [.seconds(delay)])
        }
    }
}
