/// What the entries of the lists of mappings may hold.
extension ConfigurationTable {
    /// An entry of `intake.sources`.
    static let source = ConfigurationEntryTable([
        .required("key", .text(.line), example: "DelayQs:job_zqueue", "The Redis key that producers put tasks into."),
        .required(
            "kind", .choice(["list", "sorted_set"]), example: "sorted_set",
            "How: list is that of delay_queue (RPUSH of JSON objects with notify_url), sorted_set that of delayQS (ZADD "
                + "of JSON objects with callback, the score being the plan time)."),
        .optional(
            "redis", .text(.redisURL), otherwise: "the server of the section redis", secret: true,
            example: "redis://:password@127.0.0.1:6380/0",
            "The Redis server that holds the key. What a URL reserves is percent-encoded in names and passwords."),
        .optional(
            "queue", .text(.name), otherwise: "default", example: "default", "The queue that the tasks enter."),
        .optional(
            "success_rule", .choice(Configuration.Source.successRules),
            otherwise: "legacy_json_success for a list, legacy_contains_success for a sorted_set",
            example: "legacy_contains_success", "What counts as success."),
        .optional(
            "max_retries", .integer(0...RetryTable.lastRetry),
            otherwise: "as many as retry_delays has; without it queue.max_retry_num for a list, "
                + "\(Configuration.Source.sortedSetRetries) for a sorted_set",
            example: 3, "How often a failed task is tried again before it is dead."),
        .optional(
            "retry_delays", .delays,
            otherwise: "those of the section queue for a list, "
                + "\(Configuration.Source.sortedSetDelay) for a sorted_set",
            unit: .seconds, example: ["5", "5", "5"],
            "The delay before each retry, counted from the failed attempt; the last one repeats."),
        .optional(
            "fail_key", .text(.line), otherwise: "none", example: "DelayQs:fail_job",
            "A Redis list on the same server that tasks are pushed to as well when they are dead."),
    ])

    /// An entry of `destinations`.
    static let destination = ConfigurationEntryTable([
        .required("url", .text(.urlPrefix), example: "https://shop.example/hooks/", "How the URLs of the calls begin."),
        .optional(
            "secrets", .webhookSecrets, otherwise: "none", secret: true,
            example: ["whsec_dGhpcyBpcyBubyBzZWNyZXQgYXQgYWxs"],
            "Calls are signed with each of these as Standard Webhooks say; more than one while keys are changed."),
        .optional(
            "md5_key", .text(.line), otherwise: "none", secret: true, example: "change-me",
            "The private key for the sign of delayQS, which is made for tasks that have none."),
        .optional(
            "address_preset", .choice(["internal", "public"]), otherwise: "that of dispatch.address_policy",
            example: "public",
            "In place of the preset of dispatch.address_policy, for calls to this destination."),
        .optional(
            "address_allow", .addressRanges, otherwise: "those of dispatch.address_policy", example: ["10.1.2.0/24"],
            "Addresses that are allowed beside those of the preset."),
        .optional(
            "address_deny", .addressRanges, otherwise: "none", example: ["10.1.2.3"],
            "Addresses that are refused beside those that dispatch.address_policy denies."),
    ])
}
