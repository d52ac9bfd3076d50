package import Accounts
package import MySQL
package import Scheduler
import ThreadPool

/// Copies users, history and waiting tasks of delay_queue. What was copied before is recognised: of users by their
/// number and the time they were made, of tasks by the UUID that became their id.
package struct DelayQueueImport: Sendable {
    private let old: ThreadPool<OldDatabase>
    private let store: MySQLStore
    private let users: UserStore
    private let rules: OldTask.Rules
    private let lookahead: Duration
    private let partitionsAhead: Int
    private let isDryRun: Bool

    /// - Parameters:
    ///   - source: the old database.
    ///   - prefix: of its tables' names.
    ///   - configuration: that of the schedulers which will run the tasks.
    ///   - isDryRun: look and count, change nothing.
    package init(
        from source: ConnectionOptions, prefix: String, to store: MySQLStore, users: UserStore,
        _ configuration: Configuration, isDryRun: Bool
    ) {
        rules = OldTask.Rules(configuration)
        old = ThreadPool(
            // The longest that stands before an answer is some twenty characters.
            OldDatabase.Options(connection: source, prefix: prefix, responseLimit: rules.responseLimit + 64),
            PoolLimits(connections: 1))
        self.store = store
        self.users = users
        lookahead = configuration.claim.lookahead
        partitionsAhead = configuration.retention.partitionsAhead
        self.isDryRun = isDryRun
    }

    /// To be called once.
    /// - Parameter progress: told what was done so far, after each part.
    package func run(progress: (ImportReport) -> Void) async throws -> ImportReport {
        var report = ImportReport()
        defer { old.close() }
        try await importUsers(&report)
        progress(report)
        let queueID = isDryRun ? 0 : try await prepare()
        var lastIndex: String?
        while true {
            let part = try await old.withResource { try $0.readTasks() }
            report.skip(.attempts, "no task has their queue_index", "a row of the log", count: part.strays)
            var tasks: [(old: OldTask, past: PastTask)] = []
            for task in part.tasks {
                if let past = pastTask(task, after: lastIndex, &report) { tasks.append((task, past)) }
                lastIndex = task.queueIndex
            }
            try await insert(tasks, queueID, &report)
            progress(report)
            if part.isLast { return report }
        }
    }

    // MARK: Users

    private func importUsers(_ report: inout ImportReport) async throws {
        report[.users] = ImportReport.Count()
        while true {
            let found = try await old.withResource { try $0.readUsers() }
            if found.isEmpty { return }
            let present = try await users.origins(among: found.map(\.origin))
            for user in found {
                if present.contains(user.origin) {
                    report[.users].present += 1
                } else if let reason = try await importUser(user) {
                    report.skip(.users, reason, user.name)
                } else {
                    report[.users].imported += 1
                }
            }
        }
    }

    /// - Returns: why he is not imported.
    private func importUser(_ user: OldUser) async throws -> String? {
        guard let password = PasswordHash(user.password) else { return "the password is not hashed by bcrypt" }
        do {
            try user.profile.check()
            if try await users.user(user.name) != nil { throw UserError.nameTaken(user.name) }
            if isDryRun { return nil }
            try await users.add(user.profile, password, createdAt: user.addedAt, importedFrom: user.origin)
            return nil
        } catch UserError.nameTaken {
            return "there is a user of that name already"
        } catch let error as UserError {
            return "\(error)"
        }
    }

    // MARK: Tasks

    /// Partitions, so that history does not lie in that of the days to come, which would have to be copied to split it.
    /// On new tables it gets one of its own: the day before the first.
    private func prepare() async throws -> Int {
        let now = try await store.sampleClock().databaseTime
        let ahead = partitionsAhead
        for attempt in 1... {
            do {
                _ = try await store.addPartitions { existing in
                    PartitionPlan.missing(existing: existing, now: now - .seconds(86_400), daysAhead: ahead + 1)
                }
                break
            } catch let error as MySQLError where error.code == .lockWaitTimeout && attempt < Self.tries {
                // Somebody reads the table; each try has waited for a second.
            }
        }
        return try await store.queueID(NewTask.defaultQueue)
    }

    private func pastTask(_ task: OldTask, after last: String?, _ report: inout ImportReport) -> PastTask? {
        do throws(OldTask.Refusal) {
            if task.queueIndex == last { throw OldTask.Refusal(reason: "another row has the same queue_index") }
            return try task.past(rules)
        } catch {
            report.skip(task.kind, error.reason, "row \(task.id)")
            report.skip(
                .attempts, "their task is not imported", "those of row \(task.id)",
                count: task.attempts.count + task.attemptsLeftOut)
            return nil
        }
    }

    private static let batch = 500
    /// Of what somebody else at the same tables keeps from succeeding.
    private static let tries = 5

    private func insert(
        _ tasks: [(old: OldTask, past: PastTask)], _ queueID: Int, _ report: inout ImportReport
    ) async throws {
        for start in stride(from: 0, to: tasks.count, by: Self.batch) {
            let batch = tasks[start..<min(start + Self.batch, tasks.count)]
            let present = try await insert(batch.map(\.past), queueID)
            for (old, past) in batch {
                let isPresent = present.contains(past.id)
                report[old.kind].add(1, isPresent: isPresent)
                report[.attempts].add(past.attempts.count, isPresent: isPresent)
                report.skip(
                    .attempts, "their task has more than are kept", "those of row \(old.id)", count: old.attemptsLeftOut
                )
            }
        }
    }

    /// - Returns: which of them were there.
    private func insert(_ tasks: [PastTask], _ queueID: Int) async throws -> Set<TaskID> {
        for attempt in 1... {
            let present = try await store.known(tasks.map(\.id))
            let new = tasks.filter { !present.contains($0.id) }
            if isDryRun || new.isEmpty { return present }
            do {
                let now = try await store.sampleClock().databaseTime
                let edge = now + lookahead
                try await store.insert(past: new, queueID: queueID, now: now) { $0 > edge ? .scheduled : .ready }
                return present
            } catch let error as MySQLError where error.code == .duplicateKey && attempt < Self.tries {
                continue
            }
        }
        preconditionFailure("the loop ends by return or throw")
    }
}

extension ImportReport.Count {
    fileprivate mutating func add(_ count: Int, isPresent: Bool) {
        if isPresent { present += count } else { imported += count }
    }
}
