import MySQL

/// How much a search does for one page.
package struct SearchLimits: Sendable {
    /// After so long no further rows are looked at.
    package var budget: Duration
    /// Rows looked at with one statement: the first, and the most.
    package var firstChunk: Int
    package var largestChunk: Int

    package init(budget: Duration = .milliseconds(200), firstChunk: Int = 1000, largestChunk: Int = 16_000) {
        self.budget = budget
        self.firstChunk = firstChunk
        self.largestChunk = largestChunk
    }
}

/// What a search has found.
struct SearchResult {
    /// Newest first; one more than asked for when there are more.
    var ids: [TaskID] = []
    /// Everything from this id on was looked at. nil: there is nothing more to look at, or enough was found.
    var searchedTo: TaskID?
}

/// Goes through one table by task id, newest first, chunk by chunk, as long as there is time.
struct TaskSearch {
    /// The table that is gone through, and its column with the task's id.
    private let walked: Query
    private let id: Query
    /// What is joined for the conditions.
    private let joined: Query
    private let conditions: Query
    /// The first id that can match.
    private let lowest: TaskID?

    /// - Parameters:
    ///   - queueID: of `filter.queue`.
    ///   - states: what the tasks are stored as; empty: whatever.
    init(_ filter: TaskFilter, queueID: Int?, only states: [StoredState] = [], _ tables: Tables) {
        lowest = filter.from.map(TaskID.lowerBound)
        var conditions: Query = ""
        let queue: Query
        switch filter.state {
        case .claimed, .running:
            // What is in `claims` is all of them, and far less than there are tasks.
            walked = "\(tables.claims) c FORCE INDEX (PRIMARY)"
            joined = " STRAIGHT_JOIN \(tables.tasks) t ON t.id = c.task_id"
            (id, queue) = ("c.task_id", "c.queue_id")
            conditions =
                filter.state == .running ? " AND c.started_at IS NOT NULL" : " AND c.started_at IS NULL AND t.state = 0"
        case .dead:
            walked = "\(tables.deadLetters) d FORCE INDEX (PRIMARY)"
            joined = " STRAIGHT_JOIN \(tables.tasks) t ON t.id = d.task_id"
            (id, queue) = ("d.task_id", "d.queue_id")
        case nil, .scheduled, .retrying, .succeeded, .cancelled:
            walked = "\(tables.tasks) t FORCE INDEX (PRIMARY)"
            (id, queue) = ("t.id", "t.queue_id")
            if let state = filter.state { conditions = " AND t.state = \(state.stored.rawValue)" }
            // Claimed and running ones are shown under their own state.
            let isLive = filter.state == .scheduled || filter.state == .retrying
            joined = isLive ? " LEFT JOIN \(tables.claims) c ON c.task_id = t.id" : ""
            if filter.state == .scheduled { conditions = conditions + " AND c.task_id IS NULL" }
            if filter.state == .retrying { conditions = conditions + " AND c.started_at IS NULL" }
        }
        if !states.isEmpty { conditions = conditions + " AND t.state IN \(list: states.map(\.rawValue))" }
        if let queueID { conditions = conditions + " AND " + queue + " = \(queueID)" }
        if let host = filter.host { conditions = conditions + Self.condition(host: host) }
        if let label = filter.label { conditions = conditions + Self.condition(label) }
        self.conditions = conditions
    }

    func run(before end: TaskID, limit: Int, _ limits: SearchLimits, _ connection: Connection) throws -> SearchResult {
        let begun = ContinuousClock.now
        var result = SearchResult()
        var (end, chunk) = (end, limits.firstChunk)
        while true {
            let chunkBegun = ContinuousClock.now
            var range: Query = " WHERE " + id + " < \(end)"
            if let lowest { range = range + " AND " + id + " >= \(lowest)" }
            let order: Query = " ORDER BY " + id + " DESC"
            let last = try connection.run(
                "SELECT " + id + " FROM " + walked + range + order + " LIMIT 1 OFFSET \(chunk - 1)"
            ).rows.first?.taskID(0)
            if let last { range = range + " AND " + id + " >= \(last)" }
            result.ids += try connection.run(
                "SELECT " + id + " FROM " + walked + joined + range + conditions + order
                    + " LIMIT \(limit - result.ids.count)"
            ).rows.map { try $0.taskID(0) }
            guard let last, result.ids.count < limit else { return result }
            end = last
            let now = ContinuousClock.now
            // Quick where the rows are in memory; one that would exceed the time is not begun.
            let took = chunkBegun.duration(to: now)
            if begun.duration(to: now) + took >= limits.budget {
                result.searchedTo = end
                return result
            }
            if took < .milliseconds(15) { chunk = min(chunk * 2, limits.largestChunk) }
            if took > .milliseconds(40) { chunk = max(chunk / 2, limits.firstChunk) }
        }
    }

    /// The beginning of the URL up to the end of its host and port.
    private static func condition(host: String) -> Query {
        let host = host.lowercased()
        var condition: Query = " AND ("
        for (index, scheme) in ["http://", "https://"].enumerated() {
            let start = scheme + host
            let ends = ["/", "?", "#", ""].map { start + $0 }
            condition =
                condition + (index == 0 ? "" : " OR ")
                + "LOWER(LEFT(t.url, \(start.unicodeScalars.count + 1))) IN \(list: ends)"
        }
        return condition + ")"
    }

    /// `tasks.labels` is JSON as `Labels.text` writes it. A quotation mark within a string is escaped there, so one after a
    /// brace or a comma begins a key.
    private static func condition(_ label: TaskFilter.Label) -> Query {
        // A key with its value and without the braces, or the key alone.
        let pair = Labels.text([label.key: label.value ?? ""])!.dropFirst().dropLast()
        let text = label.value == nil ? pair.dropLast(2) : pair
        let pattern = text.reduce(into: "") { pattern, character in
            if "\\%_".contains(character) { pattern += "\\" }
            pattern.append(character)
        }
        return " AND (t.labels LIKE \("{" + pattern + "%") OR t.labels LIKE \("%," + pattern + "%"))"
    }
}
