import MySQL
import Scheduler

/// Looks for days of history that should be gone.
struct HistoryCheckup {
    private let retention: Configuration.Retention
    private let history: History

    init(_ retention: Configuration.Retention, _ connection: Connection, _ tables: Tables) {
        self.retention = retention
        history = History(connection, tables)
    }

    func finding() throws -> Finding {
        guard let days = retention.days else {
            return .ok("history", "is kept for ever: retention.days is 0")
        }
        let now = try history.connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
        return Self.finding(
            RetentionPlan(now: now, days: days), try history.layout().days, try history.notes(), try history.record(),
            isBusy: try history.beingRemoved() != nil)
    }

    static func finding(
        _ plan: RetentionPlan, _ days: [HistoryDay], _ notes: [HistoryNote], _ record: RemovalRecord?, isBusy: Bool
    ) -> Finding {
        let overdue = plan.due(days, [])
        if overdue.isEmpty { return .ok("history", "no day is older than retention.days, which is \(plan.days)") }
        // Looked at within two days, and kept for the sake of what is in it.
        let known = Set(notes.filter { plan.now - $0.lookedAt < .seconds(2 * 86_400) }.map(\.day))
        let unknown = overdue.filter { !known.contains($0.name) }
        let open = notes.filter { $0.hasOpen && known.contains($0.day) }.map(\.day)
        var state = "\(overdue.count) days are older than retention.days, which is \(plan.days)"
        if !open.isEmpty { state += "; tasks have not ended of \(Self.list(open))" }
        if unknown.isEmpty || isBusy { return .ok("history", state) }
        let failure = record?.failedAt.map { plan.now - $0 < .seconds(86_400) } == true ? record?.failure : nil
        return .warning(
            "history", "\(state); nobody has looked at \(Self.list(unknown.map(\.name)))",
            failure.map { "see to what kept an instance from it: \($0)" }
                ?? "a running instance removes them within the hour; when one runs, see its log")
    }

    private static func list(_ days: [String]) -> String {
        days.prefix(5).joined(separator: " ") + (days.count > 5 ? " and \(days.count - 5) more" : "")
    }
}
