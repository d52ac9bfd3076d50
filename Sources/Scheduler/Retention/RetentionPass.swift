package import Logging
import MySQL

/// Goes once through the days that are older than history is kept, on one connection that holds the named lock.
///
/// Every step is written down before the next begins, so that whoever comes after a crash goes on there: a day is closed,
/// looked through, exported, and only then dropped.
package struct RetentionPass {
    package struct Summary: Sendable, Equatable {
        /// Names of the days that were removed.
        package var removed: [String] = []
        /// Tasks that were deleted one by one from days that stay.
        package var thinned = 0
        /// Names of the days that stay for now.
        package var waiting: [String] = []
    }

    private let history: History
    private let plan: RetentionPlan
    private let archive: HistoryArchive?
    private let logger: Logger
    private let sizes: Sizes
    private let rest: (Duration) -> Void
    /// What was done so far.
    package private(set) var result = Summary()

    /// How much is done at once.
    package struct Sizes: Sendable {
        /// Tasks that are looked at with one statement.
        package var look = 20_000
        /// Rows that one transaction deletes, about.
        package var delete = 1000

        package init(look: Int = 20_000, delete: Int = 1000) {
            (self.look, self.delete) = (look, delete)
        }
    }

    /// - Parameters:
    ///   - archive: where days are written to before they are removed; nil: nowhere.
    ///   - rest: leaves the database to others for so long.
    package init(
        _ history: History, _ plan: RetentionPlan, archive: HistoryArchive?, logger: Logger, sizes: Sizes = Sizes(),
        rest: @escaping (Duration) -> Void
    ) {
        self.history = history
        self.plan = plan
        self.archive = archive
        self.logger = logger
        self.sizes = sizes
        self.rest = rest
    }

    /// - Throws: what keeps it from going on; what was done is done. A day whose partitions are in use stays closed, and the
    ///   next pass begins with it.
    package mutating func run() throws -> Summary {
        if let (day, step) = try history.beingRemoved(), let to = day.to {
            if step == .closed { try history.open() } else { try remove(day, to, from: step) }
        }
        // One at a time: each changes where those after it begin.
        var seen: Set<String> = []
        while let day = plan.due(try history.layout().days, try history.notes()).first(where: {
            !seen.contains($0.name)
        }) {
            seen.insert(day.name)
            try consider(day)
        }
        return result
    }

    private mutating func consider(_ day: HistoryDay) throws {
        let to = day.to ?? .lowerBound(plan.limit - plan.patience)
        try history.close(day, to: to)
        var survey = HistorySurvey()
        do {
            survey = try look(day, to)
            if plan.verdict(day, survey) == .remove {
                try history.reach(.over)
            } else {
                try history.open()
            }
        } catch {
            giveUp()
            throw error
        }
        switch plan.verdict(day, survey) {
        case .remove: try remove(day, to, from: .over)
        case .thin:
            let count = try thin(day, to)
            try history.note(day, survey, thinned: count, at: plan.now, again: plan.now + .seconds(86_400))
            result.waiting.append(day.name)
        case .wait(let time):
            try history.note(day, survey, thinned: 0, at: plan.now, again: time)
            result.waiting.append(day.name)
        }
    }

    /// As much of it as tells what becomes of it.
    private func look(_ day: HistoryDay, _ to: TaskID) throws -> HistorySurvey {
        var (survey, last) = (HistorySurvey(), day.from.predecessor)
        let needsAll = plan.canBeThinned(day)
        while true {
            let begun = ContinuousClock.now
            guard
                let piece = try history.survey(after: last, to: to, endedBefore: plan.limit, limit: sizes.look)
            else { return survey }
            survey.add(piece.survey)
            last = piece.last
            if survey.hasOpen, !needsAll { return survey }
            // As long as it took: half of a disk is for the tasks.
            rest(ContinuousClock.now - begun)
        }
    }

    // MARK: Removing a day

    private mutating func remove(_ day: HistoryDay, _ to: TaskID, from step: RemovalStep) throws {
        if step != .exported {
            do {
                try export(day, to, endedBefore: nil)
                try history.reach(.exported)
            } catch {
                giveUp()
                throw error
            }
        }
        while try history.deleteLinks(day, to: to, limit: sizes.delete) == sizes.delete { rest(.milliseconds(50)) }
        let begun = ContinuousClock.now
        // Tasks last: as long as one is there, so is its day.
        for table in [HistoryTable.attempts, .tasks] { try drop(day, to, table) }
        let took = (ContinuousClock.now - begun).microseconds / 1000
        try history.removed(day)
        result.removed.append(day.name)
        logger.info("day of history removed", metadata: ["day": "\(day.name)", "drop_ms": "\(took)"])
    }

    private func drop(_ day: HistoryDay, _ to: TaskID, _ table: HistoryTable) throws {
        let layout = try history.layout()
        let partitions = table == .tasks ? layout.tasks : layout.attempts
        if let partition = HistoryLayout.partition(of: day, among: partitions) {
            if try !history.drop(partition, of: table) {
                logger.notice(
                    "a partition could not be exchanged, so others waited while its file was deleted; `ALTER TABLE … FORCE` mends it",
                    metadata: ["table": "\(table)", "day": "\(day.name)"])
            }
            return
        }
        // After a crash it may hold the day's rows.
        try history.dropAside(table)
        while try history.deleteRows(day, to: to, of: table, limit: sizes.delete) == sizes.delete {
            rest(.milliseconds(50))
        }
    }

    private func export(_ day: HistoryDay, _ to: TaskID, endedBefore: Timestamp?) throws {
        guard let archive else { return }
        let count = try archive.write(day, to: to, endedBefore: endedBefore, history)
        logger.info("history exported", metadata: ["day": "\(day.name)", "rows": "\(count)"])
    }

    /// So that nobody waits for a removal that does not go on. When this fails too, the next pass does it.
    private func giveUp() {
        do {
            try history.open()
        } catch {
            logger.debug("a day stays closed until the next look: \(error)")
        }
    }

    // MARK: Thinning a day

    private mutating func thin(_ day: HistoryDay, _ to: TaskID) throws -> Int {
        try export(day, to, endedBefore: plan.limit)
        var (count, last) = (0, day.from.predecessor)
        while let piece = try history.survey(after: last, to: to, endedBefore: plan.limit, limit: sizes.look) {
            if piece.survey.ended > 0 {
                var batch: [TaskID] = []
                var rows = 0
                for task in try history.ended(after: last, upTo: piece.last, before: plan.limit) {
                    batch.append(task.id)
                    rows += 1 + task.attempts
                    if rows >= sizes.delete { count += try delete(&batch, &rows) }
                }
                count += try delete(&batch, &rows)
            }
            last = piece.last
        }
        result.thinned += count
        logger.info("day of history thinned", metadata: ["day": "\(day.name)", "tasks": "\(count)"])
        return count
    }

    private func delete(_ batch: inout [TaskID], _ rows: inout Int) throws -> Int {
        if batch.isEmpty { return 0 }
        defer {
            batch.removeAll(keepingCapacity: true)
            rows = 0
        }
        let begun = ContinuousClock.now
        let count = try history.delete(batch, endedBefore: plan.limit)
        rest(ContinuousClock.now - begun)
        return count
    }
}

extension TaskID {
    /// The greatest that is less; the least stays.
    fileprivate var predecessor: TaskID {
        if low > 0 { return TaskID(high: high, low: low - 1) }
        return high > 0 ? TaskID(high: high - 1, low: .max) : self
    }
}
