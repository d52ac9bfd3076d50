package import MySQL

/// The tables, by the names of the design behind the configured prefix.
package struct Tables: Sendable {
    package let queues, queueShares, instances, tasks, attempts, scheduled, ready, claims: TableName
    package let deadLetters, quarantine, taskCopies, taskKeys, schedules: TableName
    package let destinations, destinationSecrets: TableName
    package let rollupsMinute, rollupsDestination, bulkOperations, retention, retentionDays: TableName
    /// What is before every name.
    package let prefix: String

    package init(prefix: String) {
        self.prefix = prefix
        queues = TableName(prefix: prefix, "queues")
        queueShares = TableName(prefix: prefix, "queue_shares")
        instances = TableName(prefix: prefix, "instances")
        tasks = TableName(prefix: prefix, "tasks")
        attempts = TableName(prefix: prefix, "attempts")
        scheduled = TableName(prefix: prefix, "scheduled")
        ready = TableName(prefix: prefix, "ready")
        claims = TableName(prefix: prefix, "claims")
        deadLetters = TableName(prefix: prefix, "dead_letters")
        quarantine = TableName(prefix: prefix, "quarantine")
        taskCopies = TableName(prefix: prefix, "task_copies")
        taskKeys = TableName(prefix: prefix, "task_keys")
        schedules = TableName(prefix: prefix, "schedules")
        rollupsMinute = TableName(prefix: prefix, "rollups_minute")
        rollupsDestination = TableName(prefix: prefix, "rollups_destination")
        destinations = TableName(prefix: prefix, "destinations")
        destinationSecrets = TableName(prefix: prefix, "destination_secrets")
        bulkOperations = TableName(prefix: prefix, "bulk_operations")
        retention = TableName(prefix: prefix, "retention")
        retentionDays = TableName(prefix: prefix, "retention_days")
    }

    package var all: [TableName] {
        [
            queues, queueShares, instances, tasks, attempts, scheduled, ready, claims, deadLetters, quarantine,
            taskCopies, taskKeys, schedules, rollupsMinute, rollupsDestination, bulkOperations, retention,
            retentionDays, destinations, destinationSecrets,
        ]
    }
}
