import MySQL
import Scheduler

/// The parameters of `GET /v1/tasks`.
struct TaskListQuery: Equatable {
    var filter = TaskFilter()
    var cursor: TaskID?
    var limit = 50
    var view = TaskExtent.full

    static let limits = 1...500
    static let exportParameters = ["state", "queue", "host", "label", "from", "to", "cursor", "view"]

    /// - Throws: everything wrong with them at once.
    init(
        _ query: some Collection<UInt8>, accepts accepted: [String] = exportParameters + ["limit"]
    ) throws(Problem) {
        let parameters = try QueryParameters(query, accepts: accepted)
        var faults: [FieldProblem] = []
        if let text = parameters["state"] {
            filter.state = TaskState(rawValue: text)
            if filter.state == nil {
                let states = TaskState.allCases.map(\.rawValue).joined(separator: ", ")
                faults.append(FieldProblem("state", "must be one of \(states)"))
            }
        }
        filter.queue = parameters["queue"]
        if filter.queue?.isEmpty == true { faults.append(FieldProblem("queue", "must not be empty")) }
        filter.host = parameters["host"]
        if let host = filter.host, !TaskFilter.isHost(host) {
            faults.append(FieldProblem("host", "must be a host as in a URL, with its port if the URL names one"))
        }
        if let text = parameters["label"] {
            filter.label = TaskFilter.Label(text)
            if filter.label == nil {
                faults.append(
                    FieldProblem(
                        "label", "must be a name of 1 to 64 letters, digits, dots, dashes or underscores, or name=value"
                    ))
            }
        }
        filter.from = parameters.time("from", &faults)
        filter.to = parameters.time("to", &faults)
        cursor = parameters.cursor("cursor", &faults)
        limit = parameters.integer("limit", Self.limits, &faults) ?? limit
        view = TaskExtent.read(parameters, &faults)
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
    }
}

/// The parameters of `GET /v1/tasks/{id}/attempts`.
struct AttemptListQuery: Equatable {
    var after = 0
    var limit = 50

    init(_ query: some Collection<UInt8>) throws(Problem) {
        let parameters = try QueryParameters(query, accepts: ["after", "limit"])
        var faults: [FieldProblem] = []
        after = parameters.integer("after", 0...Int(Int32.max), &faults) ?? after
        limit = parameters.integer("limit", TaskListQuery.limits, &faults) ?? limit
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
    }
}

/// The parameters of `GET /v1/quarantine`.
struct QuarantineQuery: Equatable {
    var cursor: TaskID?
    var limit = 50

    init(_ query: some Collection<UInt8>) throws(Problem) {
        let parameters = try QueryParameters(query, accepts: ["cursor", "limit"])
        var faults: [FieldProblem] = []
        cursor = parameters.cursor("cursor", &faults)
        limit = parameters.integer("limit", TaskListQuery.limits, &faults) ?? limit
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
    }
}
