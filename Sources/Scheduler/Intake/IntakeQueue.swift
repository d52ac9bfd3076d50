/// Tasks that wait to be written, and what is being written: which of them share a transaction, and when it begins. No clock
/// and no I/O of its own.
struct IntakeQueue: Sendable {
    /// What a lane is to do next.
    enum Next {
        case write(Batch)
        /// A transaction is under way: wait whether more comes.
        case gather(until: ContinuousClock.Instant)
        case wait
        case end
    }

    struct Batch: Sendable {
        var number: Int
        var tasks: [WaitingTask]
        var state: IntakeBatch
    }

    private var waiting: [WaitingTask] = []
    /// Tasks that wait: one for each, and those of groups.
    private(set) var count = 0
    /// In transactions now, the oldest first.
    private var underWay: [Batch] = []
    private var lastBatch = 0
    /// Tasks in the newest transaction.
    private var lastCount = 0
    /// When the newest transaction began.
    private var begunAt: ContinuousClock.Instant?
    /// A lane waits for more.
    var isGathering = false
    var isClosed = false

    /// So many tasks are worth a transaction beside the one that is under way.
    private static let worthwhile = 16
    /// A transaction that takes longer is not waited for.
    private static let gathering: Duration = .milliseconds(3)
    /// A batch stays well below the servers' `max_allowed_packet` (16 MiB by default), even when every byte is escaped.
    private static let batchBytes = 4 << 20

    init() {}

    mutating func append(_ new: WaitingTask) {
        waiting.append(new)
        count += new.count
    }

    /// Whether it is no use to wait for more: there are many, or as many as came together last time.
    var isWorthwhile: Bool { count >= (underWay.isEmpty ? min(lastCount, Self.worthwhile) : Self.worthwhile) }

    /// Whether there is something to do and no lane about to do it.
    var needsLane: Bool { !waiting.isEmpty && !isGathering }

    /// While one transaction is under way another one begins for many tasks, or when the first takes long: one for a few
    /// costs nearly as much as one for hundreds. The next one, too, waits for about as many as shared the last, so that
    /// tasks that come evenly are not written one by one; one that comes alone waits for nobody.
    /// - Parameter limit: tasks that a transaction takes, unless one group has more.
    mutating func next(_ limit: Int, at now: ContinuousClock.Instant) -> Next {
        if waiting.isEmpty { return isClosed ? .end : .wait }
        if let begunAt, !isClosed, !isWorthwhile {
            if isGathering { return .wait }
            let until = begunAt.advanced(by: Self.gathering)
            if now < until {
                isGathering = true
                return .gather(until: until)
            }
        }
        begunAt = now
        lastBatch += 1
        lastCount = count
        let tasks = take(limit)
        lastCount -= count
        let batch = Batch(number: lastBatch, tasks: tasks, state: IntakeBatch(tasks))
        underWay.append(batch)
        return .write(batch)
    }

    /// Its transaction has ended.
    mutating func written(_ batch: Batch) {
        underWay.removeAll { $0.number == batch.number }
    }

    private mutating func take(_ limit: Int) -> [WaitingTask] {
        var (bytes, taken, count) = (0, 0, 0)
        while count < waiting.count,
            count == 0 || taken + waiting[count].count <= limit && bytes + waiting[count].bytes <= Self.batchBytes
        {
            bytes += waiting[count].bytes
            taken += waiting[count].count
            count += 1
        }
        let batch = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        self.count -= taken
        return batch
    }

    // MARK: Those who have waited long enough

    /// Of all that are not answered yet, as far as that is known here.
    var firstDeadline: ContinuousClock.Instant? {
        let first = underWay.compactMap(\.state.deadline).min()
        // All wait equally long, so the first is due first.
        guard let waits = waiting.first?.deadline else { return first }
        return min(waits, first ?? waits)
    }

    /// Takes out those that are in no transaction.
    mutating func takeLate(_ now: ContinuousClock.Instant) -> [WaitingTask] {
        let late = waiting.prefix { $0.deadline <= now }
        waiting.removeFirst(late.count)
        count -= late.reduce(0) { $0 + $1.count }
        return Array(late)
    }

    /// Gives up those that are in transactions that hang.
    func giveUp(at now: ContinuousClock.Instant) -> [IntakeBatch.GivenUp] {
        underWay.map { $0.state.giveUp(at: now) }.filter { !$0.tasks.isEmpty }
    }
}
