package import MySQL

/// What becomes of tasks whose payloads were read to start them.
package struct Admitted: Sendable {
    /// Started.
    package var started: [StartedTask] = []
    /// Put off, because their destinations let nothing through: the row goes where it says, and no attempt is used.
    package var putOff: [Placement] = []
    /// Left as they are for a moment.
    package var held: Set<TaskID> = []

    package init() {}

    package static func all(_ tasks: [StartedTask]) -> Admitted {
        var admitted = Admitted()
        admitted.started = tasks
        return admitted
    }
}

/// Decides within a transaction; asked again when that is tried again, and only the last answer counts.
package typealias Admit = @Sendable ([StartedTask]) -> Admitted

extension TaskStore {
    /// Starts all that can be.
    package func start(_ entries: [WheelEntry], incarnation: UInt64, now: Timestamp) async throws -> [StartedTask] {
        try await start(entries, incarnation: incarnation, now: now, admit: Admitted.all).started
    }

    /// Claims, and starts all that is due.
    package func claim(
        _ range: ClaimRange, incarnation: UInt64, now: Timestamp, startDueBy: Timestamp, startLimit: Int
    ) async throws -> Claimed {
        try await claim(
            range, incarnation: incarnation, now: now, startDueBy: startDueBy, startLimit: startLimit,
            admit: Admitted.all)
    }
}

extension Script {
    /// Enters tasks that were put off where they wait now; their rows have left where they were.
    mutating func putOff(_ placements: [Placement], now: Timestamp, _ tables: Tables) {
        if placements.isEmpty { return }
        insert(placements, now: now, tables)
        for (moved, group) in Dictionary(grouping: placements, by: Moved.init) {
            // In this order: each assignment sees what those before it have done.
            begin(
                "UPDATE ", .table(tables.tasks),
                " SET deferred_from = COALESCE(deferred_from, plan_time), plan_time = ",
                .value(moved.planTime), ", entered_at = ", .value(moved.isReady ? now : nil), " WHERE id IN ")
            list(group.map(\.id).sorted())
            end()
        }
    }

    private struct Moved: Hashable {
        var planTime: Timestamp
        var isReady: Bool

        init(_ placement: Placement) {
            planTime = placement.planTime
            isReady = placement.place == .ready
        }
    }
}
