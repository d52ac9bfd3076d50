package import MySQL

/// Where a live row of a queue goes for a plan time: not into claims, which are for whoever has room.
package typealias BulkPlace = @Sendable (_ queueID: Int, _ planTime: Timestamp) -> Place

extension MySQLStore {
    /// - Returns: nil when as many run as may.
    package func insertBulk(
        _ kind: BulkOperation.Kind, _ filter: TaskFilter, planTime: Timestamp?, perSecond: Int, by name: String
    ) async throws -> BulkOperation? {
        let total = try await countTasks(kind, filter)
        return try await insertBulk(
            kind, StoredTaskFilter(filter, planTime: planTime).text, total, perSecond: perSecond, by: name)
    }

    /// How many tasks an operation would be done to now. One that is not exact is the number found in the time: there are
    /// at least so many.
    package func countTasks(
        _ kind: BulkOperation.Kind, _ filter: TaskFilter, budget: Duration = .seconds(1)
    ) async throws -> Estimate {
        let tables = tables
        return try await front.retrying { connection in
            guard let search = try Self.search(kind, filter, connection, tables) else { return Estimate(0) }
            let end = ContinuousClock.now.advanced(by: budget)
            var (count, position) = (0, TaskID.max)
            repeat {
                let found = try search.run(
                    before: position, limit: 5000, SearchLimits(budget: .milliseconds(200)), connection)
                count += found.ids.count
                guard let next = found.searchedTo ?? (found.ids.count == 5000 ? found.ids.last : nil) else {
                    return Estimate(count)
                }
                position = next
            } while ContinuousClock.now < end
            return Estimate(count, isExact: false)
        }
    }

    /// Does the next tasks of an operation, the newest first, and writes down how far it is, in one transaction.
    /// - Returns: nil when it is over, or another process has taken it.
    package func doBulk(
        _ id: BulkOperation.ID, runner: String, lease: Duration, limit: Int, now: Timestamp,
        place: @escaping BulkPlace
    ) async throws -> BulkStep? {
        let tables = tables
        return try await front.retrying(attempts: 20) { connection in
            guard let operation = try Self.bulkOperation(id, of: runner, isLocked: false, connection, tables) else {
                return nil
            }
            var found = SearchResult()
            if let search = try Self.search(operation.kind, operation.tasks, connection, tables) {
                // What came later is left alone.
                let start = operation.reached?.id ?? TaskID.lowerBound(operation.createdAt + .milliseconds(1))
                found = try search.run(before: start, limit: limit, SearchLimits(), connection)
            }
            let position = found.searchedTo ?? (found.ids.count == limit ? found.ids.last : nil)
            let ids = found.ids
            return try connection.transaction { connection in
                // The operation's row first, then the tasks'.
                guard try Self.bulkOperation(id, of: runner, isLocked: true, connection, tables) != nil else {
                    return nil
                }
                let done = try Self.apply(operation, to: ids, now, place, connection, tables)
                try Self.advance(
                    id, done: done, skipped: ids.count - done,
                    reached: position.map { DeadLetterCursor(diedAt: now, id: $0) }, isLast: position == nil, lease,
                    connection, tables)
                return BulkStep(taken: ids.count, done: done, isLast: position == nil)
            }
        }
    }

    /// nil: nothing is meant, because there is no such queue.
    private static func search(
        _ kind: BulkOperation.Kind, _ filter: TaskFilter, _ connection: Connection, _ tables: Tables
    ) throws -> TaskSearch? {
        var queueID: Int?
        if let queue = filter.queue {
            queueID = try knownQueueID(queue, connection, tables)
            if queueID == nil { return nil }
        }
        return TaskSearch(filter, queueID: queueID, only: filter.state == nil ? kind.stored : [], tables)
    }

    private static func apply(
        _ operation: BulkOperation, to ids: [TaskID], _ now: Timestamp, _ place: BulkPlace, _ connection: Connection,
        _ tables: Tables
    ) throws -> Int {
        if ids.isEmpty { return 0 }
        if operation.kind == .retryTasks { return try revive(ids, now, connection, tables) }
        let tasks = try takeLiveRows(ids, connection, tables)
        if tasks.isEmpty { return 0 }
        let taken = tasks.map(\.id).sorted()
        var script = Script(capacity: taken.count * 200)
        switch operation.kind {
        case .cancelTasks:
            script.begin(
                "UPDATE ", .table(tables.tasks), " FORCE INDEX (PRIMARY) SET state = ",
                .value(StoredState.cancelled.rawValue), ", finished_at = ", .value(now),
                ", version = version + 1 WHERE id IN ")
            script.list(taken)
            script.end()
            var keys: [KeyID: TaskID] = [:]
            for task in tasks { if let key = task.key { keys[key] = task.id } }
            script.release(keys, tables)
        default:
            let time = operation.planTime ?? now
            let placements = tasks.map { task in
                Placement(id: task.id, queueID: task.queueID, planTime: time, place: place(task.queueID, time))
            }
            for (place, group) in Dictionary(grouping: placements, by: { $0.place == .ready }) {
                script.begin(
                    "UPDATE ", .table(tables.tasks), " FORCE INDEX (PRIMARY) SET deferred_from = NULL, plan_time = ",
                    .value(time),
                    ", requested_time = ", .value(time), ", entered_at = ", .value(place ? now : nil),
                    ", version = version + 1 WHERE id IN ")
                script.list(group.map(\.id).sorted())
                script.end()
            }
            script.insert(placements, now: now, tables)
        }
        try connection.run(script)
        return tasks.count
    }

    private struct LiveTask {
        var id: TaskID
        var queueID: Int
        var planTime: Timestamp
        var enteredAt: Timestamp?
        var key: KeyID?
    }

    /// Takes those that wait out of the tables in which they do. The rows are locked first: their number would not tell
    /// which they are.
    private static func takeLiveRows(
        _ ids: [TaskID], _ connection: Connection, _ tables: Tables
    ) throws -> [LiveTask] {
        let tasks = try connection.run(
            """
            SELECT id, queue_id, plan_time, entered_at, task_key FROM \(tables.tasks)
            WHERE id IN \(list: ids) AND state IN (0, 2) ORDER BY id
            """
        ).rows.map { row in
            let queueID = try row.integer(1)
            return LiveTask(
                id: try row.taskID(0), queueID: queueID, planTime: try row.time(2),
                enteredAt: try row.optional(3, Row.time),
                key: try row.optional(4, Row.text).map { KeyID(queueID: queueID, key: $0) })
        }
        var taken: Set<TaskID> = []
        var script = Script(capacity: ids.count * 100)
        let scheduled = tasks.map { (queueID: $0.queueID, time: $0.planTime, id: $0.id) }
        let ready = tasks.compactMap { task in task.enteredAt.map { (queueID: task.queueID, time: $0, id: task.id) } }
        taken.formUnion(try take(scheduled, from: tables.scheduled, "plan_time", connection))
        taken.formUnion(try take(ready.filter { !taken.contains($0.id) }, from: tables.ready, "entered_at", connection))
        let rest = tasks.map(\.id).filter { !taken.contains($0) }
        if !rest.isEmpty {
            script.begin("SELECT task_id FROM ", .table(tables.claims), " FORCE INDEX (PRIMARY) WHERE task_id IN ")
            script.list(rest)
            script.begin(" AND started_at IS NULL FOR UPDATE")
            script.end()
            let claimed = try connection.run(script)[0].rows.map { try $0.taskID(0) }
            if !claimed.isEmpty {
                script = Script(capacity: claimed.count * 40)
                script.begin("DELETE c FROM ", .table(tables.claims), " c FORCE INDEX (PRIMARY) WHERE c.task_id IN ")
                script.list(claimed.sorted())
                script.end()
                try connection.run(script)
                taken.formUnion(claimed)
            }
        }
        return tasks.filter { taken.contains($0.id) }
    }

    private static func take(
        _ rows: [(queueID: Int, time: Timestamp, id: TaskID)], from table: TableName, _ order: Script.Part,
        _ connection: Connection
    ) throws -> [TaskID] {
        if rows.isEmpty { return [] }
        let sorted = rows.sorted { ($0.queueID, $0.time, $0.id) < ($1.queueID, $1.time, $1.id) }
        func list(_ rows: [(queueID: Int, time: Timestamp, id: TaskID)], _ script: inout Script) {
            script.begin(" FORCE INDEX (PRIMARY) WHERE (queue_id, ", order, ", task_id) IN (")
            script.rows(rows) { row, task in
                row.value(task.queueID)
                row.value(task.time)
                row.value(task.id)
            }
            script.begin(")")
        }
        var script = Script(capacity: rows.count * 80)
        script.begin("SELECT task_id FROM ", .table(table))
        list(sorted, &script)
        script.begin(" FOR UPDATE")
        script.end()
        let found = Set(try connection.run(script)[0].rows.map { try $0.taskID(0) })
        if found.isEmpty { return [] }
        script = Script(capacity: found.count * 80)
        script.begin("DELETE s FROM ", .table(table), " s")
        list(sorted.filter { found.contains($0.id) }, &script)
        script.end()
        try connection.run(script)
        return Array(found)
    }
}
