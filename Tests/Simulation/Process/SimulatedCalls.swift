import Scheduler
import Transfer

/// The transfer loop of one process, without a network.
///
/// `@unchecked`: see `World`.
final class SimulatedCalls: CallLoop, @unchecked Sendable {
    private unowned let process: SimulatedProcess
    private let oracle: Oracle
    private let mayFire: @Sendable (ContinuousClock.Instant) -> Bool
    private let onResults: @Sendable ([TransferResult]) -> Void
    private var waiting: [UInt64: TransferRequest] = [:]
    private var running: [UInt64: Oracle.Call] = [:]
    private var isClosed = false

    init(
        _ process: SimulatedProcess, _ oracle: Oracle,
        _ mayFire: @escaping @Sendable (ContinuousClock.Instant) -> Bool,
        _ onResults: @escaping @Sendable ([TransferResult]) -> Void
    ) {
        self.process = process
        self.oracle = oracle
        self.mayFire = mayFire
        self.onResults = onResults
    }

    func submit(_ requests: [TransferRequest]) {
        if process.isDead { return }
        if isClosed { return onResults(requests.map { unsent($0.token, .shutdown) }) }
        for request in requests {
            waiting[request.token] = request
            process.world.at(process.time.trueTime(of: request.fireAt) + oracle.firingDelay()) { [self] in
                fire(request.token)
            }
        }
    }

    func withdraw() -> [UInt64] {
        defer { waiting = [:] }
        return waiting.keys.sorted()
    }

    func close() {
        if isClosed || process.isDead { return }
        isClosed = true
        let withdrawn = withdraw().map { unsent($0, .shutdown) }
        let aborted = running.keys.sorted().map { token in
            var result = unsent(token, .aborted)
            result.firedAt = running[token]!.firedAt
            oracle.ended(running[token]!, nil)
            return result
        }
        running = [:]
        if !withdrawn.isEmpty || !aborted.isEmpty { onResults(withdrawn + aborted) }
    }

    func crash() {
        waiting = [:]
        for call in running.values { oracle.ended(call, nil) }
        running = [:]
    }

    private func fire(_ token: UInt64) {
        process.whenRunning { [self] in
            guard let request = waiting.removeValue(forKey: token) else { return }
            let now = process.time.now()
            let breakage = process.world.tables.breakage
            guard mayFire(breakage == .leaseByWallClock ? process.time.wallNow() : now) else {
                process.world.note("\(process.name) may not call \(request.url)")
                return onResults([unsent(token, .fenced)])
            }
            if let end = request.fireBefore, now >= end {
                process.world.note("\(process.name) calls \(request.url) no more")
                return onResults([unsent(token, .expired)])
            }
            let (call, answer) = oracle.fired(request, by: process, at: now)
            running[token] = call
            process.world.after(answer.delay) { [self] in end(token, answer) }
        }
    }

    private func end(_ token: UInt64, _ answer: Destination.Answer) {
        process.whenRunning { [self] in
            guard let call = running.removeValue(forKey: token) else { return }
            var result = TransferResult(token: token, firedAt: call.firedAt, finishedAt: process.time.now())
            result.status = answer.status
            result.retryAfter = answer.retryAfter.map { "\($0)" }
            if answer.status == 0 { result.failure = TransferFailure(kind: .timeout, message: "no answer") }
            oracle.ended(call, answer)
            onResults([result])
        }
    }

    private func unsent(_ token: UInt64, _ kind: TransferFailure.Kind) -> TransferResult {
        let now = process.time.now()
        var result = TransferResult(token: token, firedAt: now, finishedAt: now)
        result.failure = TransferFailure(kind: kind, message: "\(kind)")
        return result
    }
}
