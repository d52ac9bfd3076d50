package import MySQL

extension MySQLStore {
    /// For how long the answer to a request with a key is kept.
    package static let requestKeyLife: Duration = .seconds(86_400)

    /// Inserts groups of tasks that ask for keys, in one transaction of two round trips. A group that is refused does not
    /// hold up the others. Sent again after a COMMIT whose outcome is unknown, it finds what took effect.
    /// - Parameter holder: a task that the only group replaces: it is cancelled in the same transaction.
    package func insert(
        _ groups: [TaskGroup], replacing holder: TaskID?, now: Timestamp
    ) async throws -> [GroupResult] {
        try await front.retrying(attempts: 20) { connection in
            var made: Set<TaskID> = []
            var results = [GroupResult?](repeating: nil, count: groups.count)
            var isOneByOne = false
            while true {
                var open = results.indices.filter { results[$0] == nil }
                if open.isEmpty { return results.compactMap(\.self) }
                if isOneByOne { open.removeSubrange(1...) }
                do {
                    let found = try self.insert(
                        open.map { groups[$0] }, made, replacing: holder, now, connection)
                    for (index, result) in zip(open, found) { results[index] = result }
                } catch is KeysHeld {
                    connection.rollback()
                    // Somebody has asked for one of the keys and does not get on. The others do not wait for him.
                    if open.count == 1 { results[open[0]] = .underWay }
                    isOneByOne = true
                } catch is Moved {
                    connection.rollback()
                    throw MySQLError(.recordChanged, "the task to be replaced keeps moving between stages")
                } catch let error as MySQLError {
                    if !error.losesConnection { connection.rollback() }
                    guard error.code == .duplicateKey else { throw error.duringCommit }
                    // An earlier COMMIT took effect unseen, at least for some of them.
                    let ids = open.flatMap { groups[$0].tasks.map(\.id) }
                    let known = try connection.run("SELECT id FROM \(self.tables.tasks) WHERE id IN \(list: ids)")
                        .rows.map { try $0.taskID(0) }
                    guard !made.isSuperset(of: known) else { throw error }
                    made.formUnion(known)
                }
            }
        }
    }

    /// - Parameter made: tasks that are there already.
    /// - Returns: nil for a group that is to be asked again.
    private func insert(
        _ groups: [TaskGroup], _ made: Set<TaskID>, replacing holder: TaskID?, _ now: Timestamp,
        _ connection: Connection
    ) throws -> [GroupResult?] {
        try connection.run(text: "START TRANSACTION")
        if let holder {
            // Its rows before the key, as everybody takes them.
            let result = try Self.steer(holder, .cancel, now, { _, _ in .ready }, connection, tables, self)
            if case .conflict(.running) = result {
                connection.rollback()
                return [.refused([TakenKey(index: 0, holder: holder)])]
            }
        }
        let rows = try askForKeys(groups, made, now, connection)
        let decision = KeyDecision(groups, rows, made: made)
        var new: [AcceptedTask] = []
        var existing: Set<TaskID> = []
        for case (let group, .take(let items)) in zip(groups, decision.verdicts) {
            for (task, item) in zip(group.tasks, items) {
                if item == .make, !made.contains(task.id) { new.append(task) }
                if case .existing(let id) = item { existing.insert(id) }
            }
        }
        var script = Script(capacity: new.count * 600 + 400)
        script.release(decision.dropped, tables)
        script.insert(new, now: now, tables)
        var records: [TaskID: TaskRecord] = [:]
        if !existing.isEmpty {
            try connection.run(script)
            script = Script()
            for id in existing { records[id] = try Self.read(Self.one(id, tables), connection, self).first }
        }
        let results = zip(groups, decision.verdicts).map { group, verdict -> GroupResult? in
            switch verdict {
            case .again: return nil
            case .end(let result): return result
            case .take(let items):
                let fates = zip(group.tasks, items).map { $0.fate($1, records) }
                let answer = group.terms.answer(fates)
                if let key = group.terms.requestKey { script.keep(answer, under: key.id, tables) }
                let own = zip(group.tasks, items).filter { $1 == .make }.map(\.0.id)
                return .answered(answer, made: Set(own))
            }
        }
        script.statement("COMMIT")
        try connection.run(script)
        return results
    }

    /// Somebody else has one of the keys locked.
    private struct KeysHeld: Error {}

    /// Writes the rows of all keys that are free, locks the others, and reads them all.
    private func askForKeys(
        _ groups: [TaskGroup], _ made: Set<TaskID>, _ now: Timestamp, _ connection: Connection
    ) throws -> [KeyID: KeyDecision.Row] {
        // In one order, so that nobody waits for somebody who waits for him. Stable: of two that ask for one the first gets it.
        let wanted = groups.flatMap { $0.keys(without: made) }.enumerated()
            .sorted { ($0.element.id, $0.offset) < ($1.element.id, $1.offset) }.map(\.element)
        if wanted.isEmpty { return [:] }
        var script = Script(capacity: wanted.count * 300)
        script.begin(
            "INSERT INTO ", .table(tables.taskKeys), " (scope, key_hash, task_id, fingerprint, expires_at) VALUES ")
        script.rows(wanted) { row, key in
            row.value(key.id.scope)
            row.value(key.id.hash)
            row.value(key.task)
            row.value(key.request?.fingerprint)
            row.value(key.request == nil ? nil : now + Self.requestKeyLife)
        }
        // One that has run out is as free as one that is not there. The time last: the others are judged by it.
        script.begin(" ON DUPLICATE KEY UPDATE task_id = IF(expires_at <= ", .value(now), ", VALUES(task_id), task_id)")
        script.begin(", fingerprint = IF(expires_at <= ", .value(now), ", VALUES(fingerprint), fingerprint)")
        script.begin(", status = IF(expires_at <= ", .value(now), ", NULL, status)")
        script.begin(", answer = IF(expires_at <= ", .value(now), ", NULL, answer)")
        script.begin(", expires_at = IF(expires_at <= ", .value(now), ", VALUES(expires_at), expires_at)")
        script.end()
        script.begin(
            "SELECT scope, key_hash, task_id, fingerprint, status, answer FROM ", .table(tables.taskKeys),
            " FORCE INDEX (PRIMARY) WHERE (scope, key_hash) IN ")
        script.list(keys: wanted.map(\.id))
        // Locked already. A plain read may not see yet what let go of them (docs/protocol.md).
        script.begin(" FOR UPDATE")
        script.end()
        var rows: [KeyID: KeyDecision.Row] = [:]
        let results: [StatementResult]
        do throws(MySQLError) {
            results = try connection.run(script)
        } catch {
            // Nothing but these rows is waited for here.
            if error.code == .lockWaitTimeout { throw KeysHeld() }
            throw error
        }
        for row in results[1].rows {
            let id = KeyID(scope: try row.integer(0), hash: try row.bytes(1))
            let task = try row.taskID(2)
            let answer = try row.optional(4, Row.integer).map { status in
                RequestAnswer(status: status, body: try row.optional(5, Row.bytes) ?? [], task: task)
            }
            rows[id] = KeyDecision.Row(task: task, fingerprint: try row.optional(3, Row.bytes), answer: answer)
        }
        return rows
    }

    /// Takes the keys of tasks that come to life again, as far as they are free. - Returns: who has them then.
    static func take(
        _ keys: [(id: KeyID, task: TaskID)], _ connection: Connection, _ tables: Tables
    ) throws(MySQLError) -> [KeyID: TaskID] {
        if keys.isEmpty { return [:] }
        var script = Script(capacity: keys.count * 200)
        script.begin("INSERT INTO ", .table(tables.taskKeys), " (scope, key_hash, task_id) VALUES ")
        script.rows(keys.sorted { ($0.id, $0.task) < ($1.id, $1.task) }) { row, key in
            row.value(key.id.scope)
            row.value(key.id.hash)
            row.value(key.task)
        }
        script.begin(" ON DUPLICATE KEY UPDATE scope = scope")
        script.end()
        script.begin(
            "SELECT scope, key_hash, task_id FROM ", .table(tables.taskKeys),
            " FORCE INDEX (PRIMARY) WHERE (scope, key_hash) IN ")
        script.list(keys: keys.map(\.id))
        script.begin(" FOR UPDATE")
        script.end()
        var holders: [KeyID: TaskID] = [:]
        for row in try connection.run(script)[1].rows {
            holders[KeyID(scope: try row.integer(0), hash: try row.bytes(1))] = try row.taskID(2)
        }
        return holders
    }

    /// Deletes the keys of requests that have run out, at most `limit`. - Returns: how many.
    package func pruneRequestKeys(before time: Timestamp, limit: Int) async throws -> Int {
        let tables = tables
        return try await front.retrying { connection in
            // A plain read, and then by primary key in the order in which everybody takes them.
            let keys = try connection.run(
                "SELECT scope, key_hash FROM \(tables.taskKeys) WHERE expires_at <= \(time) LIMIT \(limit)"
            ).rows.map { KeyID(scope: try $0.integer(0), hash: try $0.bytes(1)) }
            if keys.isEmpty { return 0 }
            var script = Script(capacity: keys.count * 80)
            script.begin(
                "DELETE k FROM ", .table(tables.taskKeys), " k FORCE INDEX (PRIMARY) WHERE (k.scope, k.key_hash) IN ")
            script.list(keys: keys)
            script.begin(" AND k.expires_at <= ", .value(time))
            script.end()
            try connection.run(script)
            return keys.count
        }
    }
}

extension AcceptedTask {
    /// - Parameter records: those that have its key.
    package func fate(_ item: KeyDecision.Item, _ records: [TaskID: TaskRecord]) -> TaskFate {
        switch item {
        case .make: .made(record)
        case .existing(let id): records[id].map { .existing($0) } ?? .conflict(id)
        case .conflict(let id): .conflict(id)
        }
    }

    /// As it stands when it has just been made.
    package var record: TaskRecord {
        TaskRecord(
            id: id, task: task, state: place.state, attempt: 0, nextAttemptAt: task.planTime, createdAt: createdAt,
            finishedAt: nil, version: 1, requestVersion: 1)
    }
}

extension Script {
    mutating func list(keys: [KeyID]) {
        begin("(")
        rows(keys.sorted()) { row, key in
            row.value(key.scope)
            row.value(key.hash)
        }
        begin(")")
    }

    /// Takes keys from the tasks that have them.
    mutating func release(_ keys: [KeyID: TaskID], _ tables: Tables) {
        if keys.isEmpty { return }
        begin("DELETE k FROM ", .table(tables.taskKeys), " k FORCE INDEX (PRIMARY) WHERE (k.scope, k.key_hash) IN ")
        list(keys: Array(keys.keys))
        begin(" AND k.task_id IN ")
        list(Set(keys.values).sorted())
        end()
    }

    fileprivate mutating func keep(_ answer: RequestAnswer, under key: KeyID, _ tables: Tables) {
        begin("UPDATE ", .table(tables.taskKeys), " SET status = ", .value(answer.status), ", answer = ")
        begin(.value(answer.body), ", task_id = ", .value(answer.task), " WHERE scope = ", .value(key.scope))
        begin(" AND key_hash = ", .value(key.hash))
        end()
    }
}
