import MySQL

extension SchedulerService {
    /// Brings the gauges up to date. What the database and Redis have to tell is asked for at most once in 5 seconds,
    /// however many call this, and waited for 2 seconds at most.
    public func refreshMetrics() async {
        metrics.ready.set(unreadiness == nil ? 1 : 0)
        runningEngine?.tellMetrics()
        async let database = monitor.database()
        async let sources = monitor.sources()
        async let replica = monitor.replica?.state()
        tell(await database)
        tell(await sources)
        tell(await replica)
    }

    private func tell(_ replica: ReplicaState?) {
        metrics.replicaUp.set(replica.map { if case .seen = $0 { 1 } else { 0 } })
        var lag: Duration?
        if case .seen(let upTo) = replica, let now = runningEngine?.clock.now() { lag = max(.zero, now - upTo) }
        metrics.replicaLag.set(lag)
    }

    private func tell(_ figures: MonitoringFigures?) {
        metrics.databaseUp.set(figures == nil ? 0 : 1)
        metrics.backlogTasks.replace(
            with: figures?.backlog.overdue.map { (["\($0.age.components.seconds)"], Double($0.tasks)) } ?? [])
        metrics.backlogOldest.set(figures?.backlog.oldest)
        metrics.instances.replace(
            with: figures.map { [(["alive"], Double($0.alive)), (["expired"], Double($0.expired))] } ?? [])
        metrics.partitionsAhead.set(figures.map { Double($0.partitionsAhead) })
        metrics.historyListLength.set(figures?.historyListLength.map { Double($0) })
        metrics.oldestTransaction.set(figures?.oldestTransaction)
        tellHistory(figures)
    }

    private func tellHistory(_ figures: MonitoringFigures?) {
        metrics.historyDays.set(figures.map { Double($0.pastDays.count) })
        metrics.historyOldest.set(figures.map { max(.zero, $0.now - ($0.pastDays.first ?? $0.now)) })
        let limit = live.retention.days.flatMap { days in figures.map { RetentionPlan(now: $0.now, days: days).limit } }
        metrics.historyOverdue.set(
            figures.map { figures in Double(limit.map { limit in figures.pastDays.count(where: { $0 <= limit }) } ?? 0)
            })
        func seconds(_ time: Timestamp?) -> Double { Double(time?.microseconds ?? 0) / 1_000_000 }
        metrics.lastRemoval.set(figures.map { seconds($0.removal?.removedAt) })
        metrics.lastRemovalFailure.set(figures.map { seconds($0.removal?.failedAt) })
    }

    private func tell(_ statuses: [SourceStatus]?) {
        // They are not known by name when not even that could be said in time.
        let statuses = statuses ?? redis.set.all.map { SourceStatus(unanswered: $0.source.key) }
        metrics.sourceUp.replace(with: statuses.map { ([$0.key], $0.depth == nil ? 0 : 1) })
        metrics.sourceMessages.replace(
            with: statuses.compactMap { status in status.depth.map { ([status.key], Double($0)) } })
        metrics.sourceLag.replace(
            with: statuses.compactMap { status in
                status.lag.map { ([status.key], Double($0.microseconds) / 1_000_000) }
            })
    }
}

extension SourceStatus {
    fileprivate init(unanswered key: String) {
        self.init(key: key, kind: "", depth: nil, moved: 0, lag: nil, problem: nil)
    }
}

/// What the database and Redis have to tell for the metrics.
final class Monitor: Sendable {
    private let figures: SharedAnswer<MonitoringFigures>
    private let statuses: SharedAnswer<[SourceStatus]>
    /// nil: there is none.
    let replica: ReplicaWatch?
    private let live: LiveConfiguration

    private static let maxAge: Duration = .seconds(5)
    private static let patience: Duration = .seconds(2)

    init(_ live: LiveConfiguration, _ store: MySQLStore, _ redis: RedisSources, _ time: SystemTime) {
        self.live = live
        replica = store.replica.map { _ in ReplicaWatch(time: time) { try await store.newestHeartbeatOfReplica() } }
        figures = SharedAnswer(time: time) { try await store.monitoringFigures() }
        statuses = SharedAnswer(time: time) { await redis.statuses(now: time.now()) }
    }

    /// How the replica is used.
    var replicaRules: Configuration.ReplicaRules { live.replicaRules }

    /// nil: not to be had in time.
    func database() async -> MonitoringFigures? {
        await figures.current(maxAge: Self.maxAge, within: Self.patience)
    }

    func sources() async -> [SourceStatus]? {
        await statuses.current(maxAge: Self.maxAge, within: Self.patience)
    }
}
