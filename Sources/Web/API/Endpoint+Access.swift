import Accounts

extension Endpoint {
    /// What a request needs.
    enum Access: Equatable {
        /// Nothing: how this instance is may be asked by everybody.
        case everybody
        /// To come from a configured network, or a key that may make tasks.
        case legacyProducers
        /// A key with this scope.
        case scope(KeyScope)
    }

    /// Without a default, so that a new path says who may use it.
    func access(_ method: String) -> Access {
        let reads = method == "GET" || method == "HEAD"
        return switch self {
        case .tasks, .task, .attempts, .action: .scope(reads ? .tasksRead : .tasksWrite)
        case .taskBatch, .taskBulk, .taskExport: .scope(reads ? .tasksRead : .tasksWrite)
        case .deadLetters, .deadLetterRetry: .scope(reads ? .tasksRead : .tasksWrite)
        case .operations, .operation, .operationCancel: .scope(reads ? .tasksRead : .tasksWrite)
        case .instances: .scope(.tasksRead)
        case .queues, .queue, .queueAction: .scope(reads ? .tasksRead : .admin)
        case .sources, .quarantine, .quarantined, .quarantineRetry: .scope(reads ? .tasksRead : .tasksWrite)
        case .schedules, .schedule, .nextRuns, .scheduleAction: .scope(reads ? .tasksRead : .tasksWrite)
        case .destinations, .destination, .destinationPause, .destinationResume, .destinationTest,
            .destinationAddSecret, .destinationDropSecret:
            .scope(reads ? .tasksRead : .admin)
        case .apiKeys, .apiKey, .apiKeyDisable, .auditEvents: .scope(.admin)
        case .legacySave: .legacyProducers
        case .health, .readiness, .openAPI: .everybody
        }
    }

    /// Whether a key for some queues only is of use here: the handler asks a `QueueScheduling`, which keeps to them.
    var keepsToQueues: Bool {
        switch self {
        case .tasks, .task, .attempts, .action, .taskBatch, .taskBulk, .taskExport, .deadLetters, .deadLetterRetry,
            .operations, .operation, .operationCancel, .legacySave, .health, .readiness, .openAPI:
            true
        case .queues, .queue, .queueAction, .sources, .quarantine, .quarantined, .quarantineRetry, .schedules,
            .schedule, .nextRuns, .scheduleAction, .apiKeys, .apiKey, .apiKeyDisable, .instances, .auditEvents,
            .destinations, .destination, .destinationPause, .destinationResume, .destinationTest,
            .destinationAddSecret, .destinationDropSecret:
            false
        }
    }
}
