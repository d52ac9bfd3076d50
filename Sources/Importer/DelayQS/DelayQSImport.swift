package import Logging
import MySQL
import Redis
package import Scheduler
import ThreadPool

/// Moves delayQS's jobs: those that wait, those that wait for a retry, and those that failed for good.
///
/// A job that waits for a retry is in the sorted set too, until it has ended. So the retries go there first, and then the
/// sorted set is drained as the role intake drains it: a job is in Redis, under the id of its task, until that is
/// committed. The id of a failed job is made of its own.
package struct DelayQSImport: Sendable {
    private let store: MySQLStore
    private let source: Configuration.Source
    private let configuration: Configuration
    private let pool: Redis.ConnectionPool
    private let jobs: OldJobs
    private let redisSource: RedisSource
    private let isDryRun: Bool
    private let logger: Logger

    /// This process among those that take from the sorted set: a number that no incarnation gets to.
    private let taker = UInt64.random(in: firstTaker...(UInt64.max >> 1))
    private static let firstTaker: UInt64 = 1 << 62

    /// - Parameters:
    ///   - source: the sorted set.
    ///   - isDryRun: look and count, change nothing.
    package init(
        from source: Configuration.Source, _ keys: DelayQSKeys, to store: MySQLStore, _ configuration: Configuration,
        isDryRun: Bool, logger: Logger
    ) {
        self.store = store
        self.source = source
        self.configuration = configuration
        self.isDryRun = isDryRun
        self.logger = logger
        pool = Redis.ConnectionPool(source.redis.options, .init(connections: 2))
        jobs = OldJobs(pool: pool, key: source.key, keys: keys)
        redisSource = RedisSource(pool, key: source.key, kind: .sortedSet)
    }

    /// To be called once.
    /// - Parameter progress: told what was done so far, now and then.
    package func run(progress: (ImportReport) -> Void) async throws -> ImportReport {
        defer { pool.close() }
        var report = ImportReport()
        try await gatherRetries(&report)
        let left = isDryRun ? 0 : try await jobs.dropBodies()
        if left > 0 {
            report.notes.append("\(left) entries of \(jobs.keys.bodies) belong to no job; they are left there")
        }
        try await moveWaiting(&report, progress)
        try await moveFailed(&report, progress)
        return report
    }

    private func clock() async throws -> ClusterClock {
        ClusterClock(ClockEstimate(try await store.sampleClock()), SystemTime())
    }

    // MARK: Jobs that wait

    private func gatherRetries(_ report: inout ImportReport) async throws {
        var retries = OldJobs.Retries()
        // Where schedulerd takes already, a job that is not in the sorted set is a task and no job that is missing there.
        let instances = try await redisSource.incarnations().filter { $0 < Self.firstTaker }
        if isDryRun || !instances.isEmpty {
            retries = try await jobs.countRetries()
            if !instances.isEmpty, retries.count > 0 {
                report.skip(
                    .pending, "schedulerd takes from \(source.key) already and may have made tasks of them",
                    "those of \(jobs.keys.retries)", count: retries.added)
            } else {
                report[.pending].imported += retries.added
            }
        } else {
            let now = try await clock().now().microseconds / 1_000_000
            while true {
                let part = try await jobs.takeRetries(now: now)
                if part.count == 0 { break }
                retries.empty += part.empty
            }
        }
        if retries.empty > 0 {
            report.notes.append("\(retries.empty) ids of \(jobs.keys.retries) have no job in \(jobs.keys.bodies)")
        }
    }

    private func moveWaiting(_ report: inout ImportReport, _ progress: (ImportReport) -> Void) async throws {
        if isDryRun {
            report[.pending].imported += try await jobs.waiting()
            return
        }
        let clock = try await clock()
        let drained = DrainedSource(
            redisSource, reader: SortedSetReader(source, configuration),
            limits: TakeLimits(configuration), pollMax: .zero)
        let drain = SourceDrain(
            drained, store: store,
            placer: Placer(wheel: Wheel(), roomInWheel: { 0 }, lookahead: configuration.claim.lookahead), clock: clock,
            incarnation: taker, logger: logger)
        report[.pending].imported += 0
        try await drain.adopt()
        while try await drain.moveBatch() > 0 {
            let unreadable = drained.progress.unreadable
            report[.pending].imported = drained.progress.moved - unreadable
            report[.pending].skipped = unreadable
            progress(report)
        }
        let unreadable = drained.progress.unreadable
        if unreadable > 0 {
            report[.pending].skipped -= unreadable
            report.skip(
                .pending, "they cannot become tasks and are in quarantine", "see schedulerd quarantine list",
                count: unreadable)
        }
    }

    // MARK: Jobs that failed

    private func moveFailed(_ report: inout ImportReport, _ progress: (ImportReport) -> Void) async throws {
        report[.failed].imported += 0
        let reader = SortedSetReader(source, configuration)
        let now = try await clock().now()
        let queueID = isDryRun ? 0 : try await store.queueID(source.queue)
        // What stays is passed over.
        var offset = 0
        while true {
            let page = try await jobs.failed(from: offset)
            if page.isEmpty { return }
            var tasks: [TaskID: PastTask] = [:]
            var moved: [[UInt8]] = []
            for job in page {
                do throws(UnreadableMessage) {
                    let task = try Self.task(job, reader, now)
                    tasks[task.id] = task
                    moved.append(job)
                } catch {
                    report.skip(.failed, "\(error.reason): left in \(jobs.keys.failed)", "job \(offset)")
                }
            }
            let present = tasks.isEmpty ? [] : try await store.known(Array(tasks.keys))
            let new = tasks.values.filter { !present.contains($0.id) }
            if !isDryRun {
                if !new.isEmpty { try await store.insert(past: new, queueID: queueID, now: now) { _ in .ready } }
                try await jobs.removeFailed(moved)
            }
            report[.failed].imported += new.count
            report[.failed].present += moved.count - new.count
            offset += isDryRun ? page.count : page.count - moved.count
            progress(report)
        }
    }

    private static func task(
        _ job: [UInt8], _ reader: SortedSetReader, _ now: Timestamp
    ) throws(UnreadableMessage) -> PastTask {
        guard let id = JobID.of(job) else { throw UnreadableMessage("its Id is none of delayQS") }
        let seconds = Double(id.time.microseconds / 1_000_000)
        let task = try reader.task(of: job, score: seconds, now: now).task
        return PastTask(
            id: id.taskID, task: task, createdAt: id.time, stage: .dead(at: id.time, reason: "failed in delayQS"),
            attempt: 0, retriesFrom: 0, attempts: [])
    }
}
