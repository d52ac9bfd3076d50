import MySQL
import Scheduler

extension ConformanceCase {
    static let limits: [ConformanceCase] = [
        ConformanceCase(
            name: "shares of limits",
            mustSay: [
                "1 wants 10, 100.0: [\"1: 10, 100.0\"]", "2 wants 5, 50.0: [\"1: 0, 0.0\"]",
                "1 wants 7, 50.0: [\"1: 7, 50.0\"]",
                "2 wants 5, 50.0: [\"1: 3, 50.0\"]", "expired: workers [2], [\"1 of 1: 7, 0.0\", \"1 of 2: 3, 50.0\"]",
                "2 wants 10, 100.0: [\"1: 3, 100.0\"]", "ended: workers [2], [\"1 of 2: 3, 100.0\"]",
                "2 wants 10, 100.0: [\"1: 10, 100.0\"]", "lower: workers", "2 wants 8, 100.0: [\"1: 8, 100.0\"]",
            ]
        ) { bench in
            let store = bench.store
            let (first, second) = try await (bench.register(), bench.register())
            _ = try await (store.queueID("queue1"), store.queueID("queue2"))
            try await bench.limit(1, slots: 10, rate: 100)
            func wants(_ incarnation: UInt64, _ slots: Int, _ rate: Double, queue: Int = 1) async {
                let wish = QueueShare(queueID: queue, incarnation: incarnation, slots: slots, rate: rate)
                await bench.does(
                    "\(incarnation) wants \(slots), \(rate)",
                    { try await store.setShares([wish], incarnation: incarnation) }
                ) { "\($0.map { "\($0.queueID): \($0.slots), \($0.rate)" })" }
            }
            func look(_ what: String) async {
                await bench.does(
                    what,
                    {
                        try await store.peek(
                            lowScheduled: nil, lowReady: nil, limited: [LimitedMark(queueID: 1, low: nil)])
                    }
                ) { view in
                    let shares = view.shares.map { "\($0.queueID) of \($0.incarnation): \($0.slots), \($0.rate)" }
                    let rules = view.rules.map { "\($0.key): \($0.value)" }
                    return "workers \(view.workers), \(shares.sorted()), \(rules.sorted()), up to \(view.newestQueue)"
                }
            }
            await wants(first, 10, 100)
            await wants(second, 5, 50)
            await wants(first, 7, 50)
            await wants(second, 5, 50)
            await look("both")
            try await store.expire(first)
            await look("expired")
            await wants(second, 10, 100)
            _ = try await store.recover(first, limit: 1, now: .at(0)) { $0.outcome(now: .at(0), incarnation: first) }
            await look("ended")
            await wants(second, 10, 100)
            // Less than one has cannot be taken away, only given up.
            try await bench.limit(1, slots: 8, rate: 50)
            await look("lower")
            await wants(second, 10, 100)
            await wants(second, 8, 100)
            await wants(second, 0, 0)
            await wants(second, 1, 1, queue: 9)
        },
        ConformanceCase(
            name: "limited queues", mustSay: ["heads: [1: 5.0, 2: 50.0]", "behind: [1: 30.0]", "moved: 2", "moved: 0"]
        ) { bench in
            let store = bench.store
            let mine = try await bench.register()
            _ = try await (store.queueID("queue1"), store.queueID("queue2"))
            try await bench.limit(1, slots: 1)
            try await bench.limit(2, priority: 3)
            try await store.insert([
                bench.accepted(1, at: 30, .scheduled), bench.accepted(2, at: 5, .scheduled),
                bench.accepted(3, at: 50, .scheduled, queue: 2), bench.accepted(4, at: 4, .ready),
                bench.accepted(5, at: 60, .ready), bench.accepted(6, at: 7, .ready, queue: 2),
                bench.accepted(7, at: 8, .claimed(mine)),
            ])
            func heads(_ what: String, _ marks: [LimitedMark]) async {
                await bench.does(
                    what, { try await store.peek(lowScheduled: nil, lowReady: nil, limited: marks) }
                ) { view in
                    let heads = view.limitedHeads.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.s)" }
                    return "[\(heads.joined(separator: ", "))]"
                }
            }
            await heads("none", [])
            await heads("heads", [LimitedMark(queueID: 1, low: nil), LimitedMark(queueID: 2, low: nil)])
            await heads("behind", [LimitedMark(queueID: 1, low: .at(6)), LimitedMark(queueID: 2, low: .at(51))])
            for _ in 0..<2 { await bench.does("moved") { try await store.putInOrder(queue: 1, limit: 5) } }
            await heads("after", [LimitedMark(queueID: 1, low: nil)])
            try await bench.look(1, 2, 3, 4, 5, 6, 7)
            // Where it is now it is found.
            for number in [4, 5] {
                await bench.does("cancel") {
                    if case .done(let record, _) = try await store.steer(
                        bench.id(number), .cancel, now: .at(1), place: { _, _ in .ready })
                    {
                        return "\(record.state)"
                    }
                    return "not done"
                }
            }
            try await bench.look(4, 5)
        },
    ]
}
