import Scheduler

/// What a path names. One place says which paths and methods there are.
enum Endpoint: Equatable {
    case tasks
    case taskBatch
    case taskBulk
    case taskExport
    case deadLetters
    case deadLetterRetry
    case operations
    case operation(UInt64)
    case operationCancel(UInt64)
    case instances
    case auditEvents
    case task(TaskID)
    case attempts(TaskID)
    case action(TaskID, TaskAction)
    case queues
    case queue(String)
    case queueAction(String, QueueAction)
    case sources
    case quarantine
    case quarantined(TaskID)
    case quarantineRetry(TaskID)
    case schedules
    case schedule(String)
    case nextRuns(String)
    case scheduleAction(String, ScheduleAction)
    case apiKeys
    case apiKey(Int)
    case apiKeyDisable(Int)
    case destinations
    /// By number or URL.
    case destination(String)
    case destinationPause(String)
    case destinationResume(String)
    case destinationTest(String)
    case destinationAddSecret(String)
    case destinationDropSecret(String)
    case legacySave
    case health
    case readiness
    case openAPI

    /// In the order in which `Allow` lists them.
    var methods: [String] {
        switch self {
        case .tasks, .queues, .schedules, .apiKeys: ["GET", "HEAD", "POST"]
        case .queue: ["GET", "HEAD", "PATCH", "DELETE"]
        case .task: ["GET", "HEAD", "PATCH"]
        case .destination: ["GET", "HEAD", "PUT", "PATCH", "DELETE"]
        case .attempts, .nextRuns, .sources, .quarantine, .destinations, .health, .readiness, .openAPI: ["GET", "HEAD"]
        case .taskExport, .deadLetters, .operations, .operation, .instances, .auditEvents: ["GET", "HEAD"]
        case .schedule: ["GET", "HEAD", "PUT", "DELETE"]
        case .quarantined, .apiKey: ["GET", "HEAD", "DELETE"]
        case .taskBatch, .taskBulk, .deadLetterRetry, .operationCancel, .action, .queueAction, .quarantineRetry,
            .scheduleAction, .apiKeyDisable, .destinationPause, .destinationResume, .destinationTest,
            .destinationAddSecret, .destinationDropSecret, .legacySave:
            ["POST"]
        }
    }

    /// - Parameter path: as it was sent, without the query.
    /// - Throws: what to say to whoever asked for it.
    init(path: Substring) throws(Problem) {
        // Nothing but a colon and the URL of a destination need an escape in the paths there are.
        let isEscaped = path.utf8.contains(UInt8(ascii: "%"))
        let path = isEscaped ? FormFields.decode(path.utf8, plusIsBlank: false).map { $0[...] } ?? path : path
        switch path {
        case "/v1/tasks": self = .tasks
        case "/v1/queues": self = .queues
        case "/v1/tasks:batch": self = .taskBatch
        case "/v1/tasks:bulk": self = .taskBulk
        case "/v1/tasks:export": self = .taskExport
        case "/v1/dead-letters": self = .deadLetters
        case "/v1/dead-letters:retry": self = .deadLetterRetry
        case "/v1/bulk-operations": self = .operations
        case "/v1/instances": self = .instances
        case "/v1/audit-events": self = .auditEvents
        case "/v1/sources": self = .sources
        case "/v1/quarantine": self = .quarantine
        case "/v1/schedules": self = .schedules
        case "/v1/api-keys": self = .apiKeys
        case "/v1/destinations": self = .destinations
        case "/api/task/save": self = .legacySave
        case "/healthz": self = .health
        case "/readyz": self = .readiness
        case "/openapi.json": self = .openAPI
        default:
            if path.hasPrefix("/v1/tasks/") {
                self = try Self.belowTasks(path.dropFirst("/v1/tasks/".count))
            } else if path.hasPrefix("/v1/queues/") {
                self = try Self.belowQueues(path.dropFirst("/v1/queues/".count))
            } else if path.hasPrefix("/v1/bulk-operations/") {
                self = try Self.belowOperations(path.dropFirst("/v1/bulk-operations/".count))
            } else if path.hasPrefix("/v1/quarantine/") {
                self = try Self.belowQuarantine(path.dropFirst("/v1/quarantine/".count))
            } else if path.hasPrefix("/v1/schedules/") {
                self = try Self.belowSchedules(path.dropFirst("/v1/schedules/".count))
            } else if path.hasPrefix("/v1/api-keys/") {
                self = try Self.belowKeys(path.dropFirst("/v1/api-keys/".count))
            } else if path.hasPrefix("/v1/destinations/") {
                self = try Self.belowDestinations(path.dropFirst("/v1/destinations/".count))
            } else {
                throw Problem(.notFound, "there is nothing at this path")
            }
        }
    }

    private static func belowQueues(_ rest: Substring) throws(Problem) -> Endpoint {
        let name = rest.prefix { $0 != "/" && $0 != ":" }
        let tail = rest[name.endIndex...]
        guard !name.isEmpty, tail.isEmpty || tail.first == ":" else {
            throw Problem(.notFound, "there is nothing at this path")
        }
        if tail.isEmpty { return .queue(String(name)) }
        guard let action = QueueAction(rawValue: String(tail.dropFirst())) else {
            let known = QueueAction.allCases.map { ":\($0.rawValue)" }.joined(separator: ", ")
            throw Problem(.notFound, "there is no action \(Problem.shortened(String(tail))); there are \(known)")
        }
        return .queueAction(String(name), action)
    }

    private static func belowSchedules(_ rest: Substring) throws(Problem) -> Endpoint {
        let name = rest.prefix { $0 != "/" && $0 != ":" }
        let tail = rest[name.endIndex...]
        guard !name.isEmpty else { throw Problem(.notFound, "there is nothing at this path") }
        switch tail {
        case "": return .schedule(String(name))
        case "/next": return .nextRuns(String(name))
        default:
            guard tail.first == ":", let action = ScheduleAction(rawValue: String(tail.dropFirst())) else {
                throw Problem(.notFound, "there is nothing at this path")
            }
            return .scheduleAction(String(name), action)
        }
    }

    private static func belowKeys(_ rest: Substring) throws(Problem) -> Endpoint {
        let name = rest.prefix { $0 != "/" && $0 != ":" }
        guard let id = Int(name) else {
            throw Problem(.notFound, "there is no API key \(Problem.shortened(String(name))): an id is a number")
        }
        switch rest[name.endIndex...] {
        case "": return .apiKey(id)
        case ":disable": return .apiKeyDisable(id)
        default: throw Problem(.notFound, "there is nothing at this path")
        }
    }

    private static func belowQuarantine(_ rest: Substring) throws(Problem) -> Endpoint {
        let name = rest.prefix { $0 != "/" && $0 != ":" }
        guard let id = TaskID(name) else {
            throw Problem(
                .notFound, "nothing in quarantine is called \(Problem.shortened(String(name))): an id is a UUID")
        }
        switch rest[name.endIndex...] {
        case "": return .quarantined(id)
        case ":retry": return .quarantineRetry(id)
        default: throw Problem(.notFound, "there is nothing at this path")
        }
    }

    private static func belowOperations(_ rest: Substring) throws(Problem) -> Endpoint {
        let name = rest.prefix { $0 != "/" && $0 != ":" }
        guard let id = UInt64(name), id <= UInt64(Int64.max) else {
            throw Problem(.notFound, "there is no operation \(Problem.shortened(String(name))): it has a number")
        }
        switch rest[name.endIndex...] {
        case "": return .operation(id)
        case ":cancel": return .operationCancel(id)
        default: throw Problem(.notFound, "there is nothing at this path")
        }
    }

    /// A URL may hold anything, so what is done to it is told by the end.
    private static func belowDestinations(_ rest: Substring) throws(Problem) -> Endpoint {
        let actions = [
            (":pause", Endpoint.destinationPause), (":resume", Endpoint.destinationResume),
            (":test", Endpoint.destinationTest), (":add-secret", Endpoint.destinationAddSecret),
            (":drop-secret", Endpoint.destinationDropSecret),
        ]
        for (action, endpoint) in actions {
            if rest.hasSuffix(action), rest.count > action.count {
                return endpoint(String(rest.dropLast(action.count)))
            }
        }
        if rest.isEmpty { throw Problem(.notFound, "a destination is named by its number or its URL") }
        return .destination(String(rest))
    }

    private static func belowTasks(_ rest: Substring) throws(Problem) -> Endpoint {
        let name = rest.prefix { $0 != "/" && $0 != ":" }
        let tail = rest[name.endIndex...]
        guard tail.isEmpty || tail == "/attempts" || tail.first == ":" else {
            throw Problem(.notFound, "there is nothing at this path")
        }
        guard let id = TaskID(name) else {
            throw Problem(.notFound, "there is no task \(Problem.shortened(String(name))): an id is a UUID")
        }
        if tail.isEmpty { return .task(id) }
        if tail == "/attempts" { return .attempts(id) }
        guard let action = TaskAction(rawValue: String(tail.dropFirst())) else {
            let known = TaskAction.allCases.map { ":\($0.rawValue)" }.joined(separator: ", ")
            throw Problem(.notFound, "there is no action \(Problem.shortened(String(tail))); there are \(known)")
        }
        return .action(id, action)
    }
}

/// What can be done to a queue by `POST /v1/queues/{name}:…`.
enum QueueAction: String, CaseIterable {
    case pause
    case resume
    case purge
}

/// What can be done to a task by `POST /v1/tasks/{id}:…`.
enum TaskAction: String, CaseIterable {
    case cancel
    case run
    case retry
}
