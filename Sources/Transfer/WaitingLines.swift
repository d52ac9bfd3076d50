/// Requests that stand in lines: they leave room to those that do not. While there is room for all, each line goes on in
/// turn; and each has its even share whatever the others hold, so that one whose receivers do not answer does not hold up
/// the others. No clock of its own.
struct WaitingLines {
    private var lines: [Int: DueHeap<TransferRequest>] = [:]
    /// Where the next round of lines begins.
    private var turn = 0

    var count: Int { lines.values.reduce(0) { $0 + $1.count } }

    mutating func insert(_ request: TransferRequest, due: Int64, line: Int) {
        lines[line, default: DueHeap()].insert(request, due: due)
    }

    /// When the first is due that has room; nil: none has.
    /// - Parameters:
    ///   - running: by line, how many of its requests are under way; without lines that have none.
    ///   - limit: how many of all lines may be.
    func nextDue(running: [Int: Int], limit: Int) -> Int64? {
        if lines.isEmpty { return nil }
        let (share, spare) = (share(running, limit), limit - running.values.reduce(0, +))
        var first: Int64?
        for (line, waiting) in lines where spare > 0 || running[line, default: 0] < share {
            if let due = waiting.nextDue { first = min(first ?? due, due) }
        }
        return first
    }

    /// Takes out what is due at `now` and has room, at most `count`, from each line in turn.
    mutating func takeDue(
        at now: Int64, count: Int, running: [Int: Int], limit: Int, into batch: inout [TransferRequest]
    ) {
        if lines.isEmpty || count <= 0 { return }
        let share = share(running, limit)
        var spare = limit - running.values.reduce(0, +)
        var left = count
        let order = lines.count == 1 ? Array(lines.keys) : lines.keys.sorted()
        turn = turn % order.count
        for step in 0..<order.count {
            let line = order[(turn + step) % order.count]
            // What is left, evenly among those that have not had their turn.
            let room = max(spare, share - running[line, default: 0])
            var most = min(room, (left + order.count - step - 1) / (order.count - step))
            while most > 0, let request = lines[line]?.popDue(at: now) {
                batch.append(request)
                most -= 1
                left -= 1
                spare -= 1
            }
            if lines[line]?.count == 0 { lines[line] = nil }
        }
        turn += 1
    }

    mutating func removeAll() -> [TransferRequest] {
        let requests = lines.keys.sorted().flatMap { lines[$0]!.removeAll() }
        lines = [:]
        return requests
    }

    private func share(_ running: [Int: Int], _ limit: Int) -> Int {
        let others = running.keys.count { lines[$0] == nil }
        return max(1, limit / (lines.count + others))
    }
}
