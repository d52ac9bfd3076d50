import Scheduler

/// What a path names. One place says which paths and methods there are.
enum Endpoint: Equatable {
    case tasks
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
    case destinations
    /// By number or URL.
    case destination(String)
    case destinationPause(String)
    case destinationResume(String)
    case legacySave
    case health
    case readiness
    case openAPI

    /// In the order in which `Allow` lists them.
    var methods: [String] {
        switch self {
        case .tasks, .queues: ["GET", "HEAD", "POST"]
        case .queue: ["GET", "HEAD", "PATCH", "DELETE"]
        case .task: ["GET", "HEAD", "PATCH"]
        case .destination: ["GET", "HEAD", "PUT", "PATCH", "DELETE"]
        case .attempts, .sources, .quarantine, .destinations, .health, .readiness, .openAPI: ["GET", "HEAD"]
        case .quarantined: ["GET", "HEAD", "DELETE"]
        case .action, .queueAction, .quarantineRetry, .destinationPause, .destinationResume, .legacySave: ["POST"]
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
        case "/v1/sources": self = .sources
        case "/v1/quarantine": self = .quarantine
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
            } else if path.hasPrefix("/v1/quarantine/") {
                self = try Self.belowQuarantine(path.dropFirst("/v1/quarantine/".count))
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

    /// A URL may hold anything, so what is done to it is told by the end.
    private static func belowDestinations(_ rest: Substring) throws(Problem) -> Endpoint {
        for (action, endpoint) in [(":pause", Endpoint.destinationPause), (":resume", Endpoint.destinationResume)] {
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
