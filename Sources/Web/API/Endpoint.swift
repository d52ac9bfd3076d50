import Scheduler

/// What a path names. One place says which paths and methods there are.
enum Endpoint: Equatable {
    case tasks
    case task(TaskID)
    case attempts(TaskID)
    case action(TaskID, TaskAction)
    case legacySave
    case health
    case readiness

    /// In the order in which `Allow` lists them.
    var methods: [String] {
        switch self {
        case .tasks: ["GET", "HEAD", "POST"]
        case .task: ["GET", "HEAD", "PATCH"]
        case .attempts, .health, .readiness: ["GET", "HEAD"]
        case .action, .legacySave: ["POST"]
        }
    }

    /// - Parameter path: as it was sent, without the query.
    /// - Throws: what to say to whoever asked for it.
    init(path: Substring) throws(Problem) {
        // Nothing but a colon needs an escape in the paths there are; some clients escape it.
        let isEscaped = path.utf8.contains(UInt8(ascii: "%"))
        let path = isEscaped ? FormFields.decode(path.utf8, plusIsBlank: false).map { $0[...] } ?? path : path
        switch path {
        case "/v1/tasks": self = .tasks
        case "/api/task/save": self = .legacySave
        case "/healthz": self = .health
        case "/readyz": self = .readiness
        default:
            guard path.hasPrefix("/v1/tasks/") else { throw Problem(.notFound, "there is nothing at this path") }
            self = try Self.belowTasks(path.dropFirst("/v1/tasks/".count))
        }
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

/// What can be done to a task by `POST /v1/tasks/{id}:…`.
enum TaskAction: String, CaseIterable {
    case cancel
    case run
    case retry
}
