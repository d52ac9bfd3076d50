/// The configuration file of delayQS: JSON, which YAML includes.
enum DelayQSFile {
    static let table = ConfigurationEntryTable([
        .required("redis", .text(.redisURL), secret: true, example: "redis://localhost:6379/", "The Redis server."),
        .required("key", .text(.line), example: "DelayQs:job_zqueue", "The sorted set that producers put jobs into."),
        .optional(
            "failKey", .text(.line), otherwise: "none", example: "DelayQs:fail_job",
            "The list that jobs are pushed to that have failed for good."),
        .optional(
            "maxRetryNum", .integer(0...RetryTable.lastRetry), otherwise: "\(Configuration.Source.sortedSetRetries)",
            example: 3, "How often a failed job is tried again."),
        .optional(
            "retryInterval", .integer(0...RetryTable.longestDelay),
            otherwise: "\(Configuration.Source.sortedSetDelay)", unit: .seconds, example: 5,
            "The delay before each retry."),
        .unused("connections"), .unused("concurrency"), .unused("startTime"), .unused("retryIdKey"),
        .unused("bodyKey"), .unused("pid"),
    ])

    /// The same as an entry of `intake.sources`.
    static func source(_ file: ConfigurationEntry) -> ConfigurationEntry {
        var source = ConfigurationEntry(at: file.origin("key"))
        source.set("kind", to: .text(Configuration.Source.Kind.sortedSet.rawValue), from: file.origin("key"))
        for (name, old) in [("key", "key"), ("fail_key", "failKey")] {
            if let value = file.value(old) { source.set(name, to: value, from: file.origin(old)) }
        }
        if let url = file.text("redis") {
            source.set("redis", to: .text(RedisURL.withoutUser(url)), from: file.origin("redis"))
        }
        let retries = file.integer("maxRetryNum") ?? Configuration.Source.sortedSetRetries
        source.set("max_retries", to: .integer(retries), from: file.origin("maxRetryNum"))
        let interval = file.integer("retryInterval") ?? Configuration.Source.sortedSetDelay
        source.set("retry_delays", to: .list(["\(interval)"]), from: file.origin("retryInterval"))
        return source
    }
}
