import Scheduler

/// The query of a list that goes by name.
struct NameListQuery {
    /// The name that the page before ended with; empty: there was none.
    let cursor: String
    let limit: Int

    init(_ query: some Collection<UInt8>) throws(Problem) {
        let parameters = try QueryParameters(query, accepts: ["cursor", "limit"])
        var faults: [FieldProblem] = []
        limit = parameters.integer("limit", TaskListQuery.limits, &faults) ?? 50
        cursor = parameters["cursor"] ?? ""
        if parameters["cursor"] != nil, !cursor.isName(limit: 100) {
            faults.append(FieldProblem("cursor", QueryParameters.foreignCursor))
        }
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
    }
}
