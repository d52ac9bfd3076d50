import CCurl
import Glibc
import Synchronization

/// The requests that are not fired yet, shared by the loop's thread and everyone else.
///
/// Taking a request out, to fire it or to withdraw it, happens under one lock: so it is certain which of the two it was.
final class TransferInbox: Sendable {
    private struct State {
        var waiting = DueHeap<TransferRequest>()
        var lines = WaitingLines()
        /// When the loop would look for the first of the lines by itself, as it has known it.
        var linesDue: Int64?
        var isClosed = false
        /// To be in force from the loop's next turn.
        var newOptions: TransferOptions?
        /// A wakeup is under way; another would tell the loop nothing.
        var wakePending = false

        mutating func needsWake() -> Bool {
            defer { wakePending = true }
            return !wakePending
        }
    }

    /// What the loop's thread is to do next.
    enum Next {
        case closed
        /// Sleep until then, in `Timebase` nanoseconds; nil: until woken.
        case wait(until: Int64?)
    }

    let timebase = Timebase()
    /// Readable when something changed that the loop's thread sleeps through otherwise.
    let wakeDescriptor: Int32
    /// Fired, and not yet handed to `onResults`.
    let inFlight = Atomic<Int>(0)
    private let state = Mutex(State())

    init() {
        wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(wakeDescriptor >= 0, "the system refused an eventfd: error \(errno)")
    }

    deinit {
        Glibc.close(wakeDescriptor)
    }

    var waiting: Int {
        state.withLock { $0.waiting.count + $0.lines.count }
    }

    /// False when the inbox is closed; then nothing was taken in.
    func submit(_ requests: [TransferRequest]) -> Bool {
        guard !requests.isEmpty else { return true }
        let due = requests.map { timebase.due(at: $0.fireAt) }
        let (accepted, wake) = state.withLock { state in
            if state.isClosed { return (false, false) }
            let before = state.waiting.nextDue
            var isEarlier = false
            for (index, request) in requests.enumerated() {
                if let line = request.line {
                    state.lines.insert(request, due: due[index], line: line)
                    isEarlier = isEarlier || due[index] < state.linesDue ?? .max
                } else {
                    state.waiting.insert(request, due: due[index])
                }
            }
            // The loop's timer is set for the first one already, unless that changed.
            return (true, (isEarlier || state.waiting.nextDue != before) && state.needsWake())
        }
        if wake { signal() }
        return accepted
    }

    func withdraw() -> [TransferRequest] {
        state.withLock { $0.waiting.removeAll() + $0.lines.removeAll() }
    }

    func close() {
        let wake = state.withLock { state in
            state.isClosed = true
            return state.needsWake()
        }
        if wake { signal() }
    }

    func update(_ options: TransferOptions) {
        let wake = state.withLock { state in
            state.newOptions = options
            return state.needsWake()
        }
        if wake { signal() }
    }

    /// On the loop's thread, when it was woken. Nil: they are the same.
    func takeNewOptions() -> TransferOptions? {
        state.withLock { state in
            defer { state.newOptions = nil }
            return state.newOptions
        }
    }

    /// Takes out what is due at `now`, at most `count`, and counts it as in flight: what stands in lines comes last. On the
    /// loop's thread.
    func takeDue(at now: Int64, count: Int, running: [Int: Int], limit: Int, into batch: inout [TransferRequest]) {
        let before = batch.count
        state.withLock { state in
            if state.isClosed { return }
            while batch.count - before < count, let request = state.waiting.popDue(at: now) { batch.append(request) }
            state.lines.takeDue(
                at: now, count: count - (batch.count - before), running: running, limit: limit, into: &batch)
        }
        if batch.count > before { inFlight.add(batch.count - before, ordering: .relaxed) }
    }

    /// On the loop's thread, when it is about to sleep.
    /// - Parameters:
    ///   - running: by line, how many requests are under way.
    ///   - limit: how many of all lines may be.
    func next(running: [Int: Int], limit: Int) -> Next {
        state.withLock { state in
            if state.isClosed { return .closed }
            state.linesDue = state.lines.nextDue(running: running, limit: limit)
            guard let due = state.waiting.nextDue else { return .wait(until: state.linesDue) }
            return .wait(until: min(due, state.linesDue ?? due))
        }
    }

    /// On the loop's thread, when `wakeDescriptor` is readable, before it looks at what is due.
    func acknowledgeWake() {
        // In this order: cleared first, a signal sent in between would be read away and still be thought under way.
        var count: UInt64 = 0
        _ = read(wakeDescriptor, &count, MemoryLayout.size(ofValue: count))
        state.withLock { $0.wakePending = false }
    }

    private func signal() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, MemoryLayout.size(ofValue: one))
    }
}
