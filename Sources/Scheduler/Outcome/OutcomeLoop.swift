package import Logging
import MySQL
import Synchronization
import Transfer

/// Judges ended calls and writes what became of their tasks, in batches.
///
/// It lives as long as the process: outcomes of an incarnation that was fenced are still offered to the database, which
/// decides by its row counts.
package final class OutcomeLoop: Sendable {
    package struct Settings: Sendable {
        package var batch: Int
        /// How long a batch waits for more.
        package var delay: Duration
        package var responseLogBytes: Int
        /// The longest that a receiver can put off a retry.
        package var retryAfterLimit: Duration

        package init(batch: Int, delay: Duration, responseLogBytes: Int, retryAfterLimit: Duration) {
            self.batch = batch
            self.delay = delay
            self.responseLogBytes = responseLogBytes
            self.retryAfterLimit = retryAfterLimit
        }
    }

    private let store: any TaskStore
    private let placer: Placer
    private let clock: ClusterClock
    private let newID: @Sendable () -> TaskID
    private let settings: @Sendable () -> Settings
    private let metrics: EngineMetrics
    private let logger: Logger
    private let arrived = Signal()
    private let inbox = Mutex<[EndedCall]>([])
    private let pending = Mutex(0)
    private let hosts = Mutex(CountedHosts())

    /// - Parameter newID: makes the ids of follow-ups.
    package init(
        store: any TaskStore, placer: Placer, clock: ClusterClock, newID: @escaping @Sendable () -> TaskID,
        settings: @escaping @Sendable () -> Settings, metrics: EngineMetrics, logger: Logger
    ) {
        self.newID = newID
        self.store = store
        self.placer = placer
        self.clock = clock
        self.settings = settings
        self.metrics = metrics
        self.logger = logger
    }

    /// Calls that have ended and are not recorded yet.
    package var count: Int { pending.withLock { $0 } }

    /// Takes ended calls, from the transfer thread.
    package func append(_ calls: [EndedCall]) {
        pending.withLock { $0 += calls.count }
        inbox.withLock { $0 += calls }
        arrived.notify()
    }

    /// Runs until it is cancelled.
    package func run() async {
        while !Task.isCancelled {
            if inbox.withLock({ $0.isEmpty }) {
                await arrived.wait()
                continue
            }
            let settings = settings()
            await gather(settings)
            let calls = take(settings.batch)
            for incarnation in Set(calls.lazy.map(\.incarnation)).sorted() {
                await record(calls.filter { $0.incarnation == incarnation }, incarnation)
            }
            pending.withLock { $0 -= calls.count }
        }
    }

    /// Waits for a batch to fill: for `delay`, and, while calls end in numbers, for up to three times as long again. A
    /// transaction for a few costs nearly as much as one for hundreds.
    private func gather(_ settings: Settings) async {
        var before = 0
        for _ in 0..<4 {
            let count = inbox.withLock { $0.count }
            let came = count - before
            guard count < settings.batch, before == 0 || came * 16 >= settings.batch else { return }
            before = count
            // Cancelled: the batch is written all the same.
            try? await clock.time.sleep(for: settings.delay)
        }
    }

    private func take(_ limit: Int) -> [EndedCall] {
        inbox.withLock { inbox in
            var calls = inbox
            inbox = []
            if calls.count > limit {
                inbox = Array(calls[limit...])
                calls.removeSubrange(limit...)
            }
            return calls
        }
    }

    /// Tries until the database has answered; whatever waits meanwhile keeps claims and starts from going on.
    /// - Parameter isBare: without what the receiver had a say in, because the database did not take it.
    private func record(_ calls: [EndedCall], _ incarnation: UInt64, isBare: Bool = false) async {
        var backoff = Backoff()
        var claimsRetries = true
        while true {
            let (now, settings) = (clock.now(), settings())
            var outcomes = calls.map { outcome(of: $0, settings, now: now, claimsRetries: claimsRetries) }
            hosts.withLock { hosts in
                for index in outcomes.indices {
                    outcomes[index].host = hosts.counted(
                        outcomes[index].host, at: outcomes[index].attempt.endedAt.minute)
                }
            }
            if isBare { for index in outcomes.indices { outcomes[index].makeBare() } }
            do {
                try await addFollowUps(to: &outcomes, of: calls, now: now, claims: claimsRetries)
                let superseded = try await store.record(outcomes, incarnation: incarnation, now: now)
                for id in superseded {
                    logger.notice(
                        "outcome superseded: another instance has taken the task over",
                        metadata: ["task": "\(id)", "incarnation": "\(incarnation)"])
                }
                let recorded = superseded.isEmpty ? outcomes : outcomes.filter { !superseded.contains($0.id) }
                let followUps = recorded.flatMap(\.followUps)
                placer.committed(recorded.compactMap(\.placement) + followUps.map(\.placement))
                metrics.tasksAccepted.add(followUps.count, "follow_up")
                metrics.outcomesSuperseded.add(superseded.count)
                metrics.count(recorded)
                tell(of: recorded)
                return
            } catch let error as MySQLError where error.isFenced {
                // This process has a new incarnation or none: retries go to whoever has room.
                claimsRetries = false
            } catch let error as MySQLError where error.isValueRefused && !isBare {
                // One bad value must not hold up the others.
                logger.error("outcomes of \(calls.count) tasks were refused: \(error)")
                let middle = calls.count / 2
                if middle > 0 { await record(Array(calls[..<middle]), incarnation) }
                await record(Array(calls[middle...]), incarnation, isBare: calls.count == 1)
                return
            } catch let error as MySQLError where !error.isTransient {
                if Task.isCancelled { return }
                logger.error("outcomes of \(calls.count) tasks cannot be written: \(error)")
                await backoff.pause(clock.time)
            } catch {
                if Task.isCancelled { return }
                // Tried again, a retry may be placed elsewhere than it was by a COMMIT that was not answered.
                placer.uncertain(at: clock.time.now())
                logger.warning("outcomes of \(calls.count) tasks wait: \(error)")
                await backoff.pause(clock.time)
            }
        }
    }

    /// A line for each attempt, at the level for finding out what became of one task.
    private func tell(of outcomes: [OutcomeRecord]) {
        guard logger.logLevel <= .debug else { return }
        for outcome in outcomes {
            let attempt = outcome.attempt
            logger.debug(
                "attempt ended",
                metadata: [
                    "task": "\(outcome.id)", "attempt": "\(attempt.attempt)", "incarnation": "\(attempt.incarnation)",
                    "class": "\(attempt.outcomeClass)", "status": "\(attempt.status ?? 0)",
                ])
        }
    }

    /// Asks once for all that have any.
    private func addFollowUps(
        to outcomes: inout [OutcomeRecord], of calls: [EndedCall], now: Timestamp, claims: Bool
    ) async throws {
        let following = outcomes.indices.filter { calls[$0].task.hasFollowUps && outcomes[$0].occasion != nil }
        if following.isEmpty { return }
        let sources = try await followUps(of: following.map { outcomes[$0].id })
        for index in following {
            outcomes[index].follow(sources[outcomes[index].id], now: now, id: newID) { queueID, time in
                let place = placer.place(time, queue: queueID, now: now)
                return place == .scheduled || claims ? place : .ready
            }
        }
    }

    private func followUps(of ids: [TaskID]) async throws -> [TaskID: FollowUpSource] {
        do {
            return try await store.followUps(of: ids)
        } catch let error as MySQLError where !error.isTransient {
            // A later version may have written what this one does not know. That holds up no other.
            if ids.count == 1 {
                logger.error("task \(ids[0]) has ended, and what was to follow is not known here: \(error)")
                return [:]
            }
            var sources: [TaskID: FollowUpSource] = [:]
            for id in ids { sources.merge(try await followUps(of: [id])) { first, _ in first } }
            return sources
        }
    }

    private func outcome(of call: EndedCall, _ settings: Settings, now: Timestamp, claimsRetries: Bool)
        -> OutcomeRecord
    {
        let (task, result) = (call.task, call.result)
        var judgement = Judgement(result, by: task.successRule)
        let endedAt = clock.time(at: result.finishedAt)
        let fate: OutcomeRecord.Fate
        if let expiresAt = task.expiresAt, result.failure?.kind == .expired {
            fate = .expired(reason: OutcomeRecord.expiry(expiresAt), startedAt: task.startedAt)
        } else if judgement.succeeded {
            fate = .succeeded
        } else {
            let verdict = Verdict(
                afterAttempt: task.attempt, retriesFrom: task.retriesFrom, schedule: task.retrySchedule,
                endedAt: endedAt, problem: judgement.message ?? judgement.outcomeClass, isFinal: judgement.isFinal,
                notBefore: RetryAfter.time(result.retryAfter, end: endedAt, limit: settings.retryAfterLimit),
                expiresAt: task.expiresAt)
            if let time = verdict.retryAt {
                if verdict.isPutOff, let message = judgement.message {
                    judgement.message = "\(message); Retry-After puts the retry off until \(time.rfc3339)"
                }
                let place = placer.place(time, queue: task.queueID, now: now)
                fate = .retry(at: time, place == .scheduled || claimsRetries ? place : .ready)
            } else {
                if verdict.isTooLate, let message = judgement.message {
                    judgement.message = "\(message); no retry fits before expires_at"
                }
                fate = .dead(reason: verdict.reason)
            }
        }
        var outcome = OutcomeRecord(
            id: task.id, queueID: task.queueID, host: URLHost.of(task.request.url), fate: fate,
            attempt: AttemptRecord(
                attempt: task.attempt, incarnation: call.incarnation, version: task.version, planTime: task.planTime,
                startedAt: clock.time(at: result.firedAt), duration: result.firedAt.duration(to: result.finishedAt),
                succeeded: judgement.succeeded, outcomeClass: judgement.outcomeClass, message: judgement.message,
                status: result.status == 0 ? nil : result.status, timings: CallTimings(result.timings),
                address: result.address, response: Array(result.body.prefix(settings.responseLogBytes)),
                responseTruncated: result.bodyTruncated || result.body.count > settings.responseLogBytes), key: task.key
        )
        outcome.deferredFrom = task.deferredFrom
        return outcome
    }
}

extension OutcomeRecord {
    fileprivate mutating func makeBare() {
        let note = "what the receiver answered could not be stored"
        attempt.message = attempt.message.map { _ in note }
        attempt.address = nil
        attempt.response = []
        attempt.responseTruncated = true
        if case .dead = fate { fate = .dead(reason: "no retry is left; \(note)") }
    }
}

extension OutcomeRecord {
    fileprivate var placement: Placement? {
        guard case .retry(let time, let place) = fate else { return nil }
        return Placement(id: id, queueID: queueID, planTime: time, place: place)
    }
}

extension CallTimings {
    init(_ timings: TransferTimings) {
        self.init()
        lookup = Int(timings.lookup)
        connect = Int(timings.connect)
        tls = Int(timings.tls)
        firstByte = Int(timings.firstByte)
        total = Int(timings.total)
    }
}
