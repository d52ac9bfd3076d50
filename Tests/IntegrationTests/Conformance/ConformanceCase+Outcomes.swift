import MySQL
import Scheduler

extension ConformanceCase {
    static let outcomes: [ConformanceCase] = [
        ConformanceCase(
            name: "record",
            mustSay: ["other incarnation: [1]", "record: []", "again: []", "ended: fenced", "unstarted: [4]"]
        ) { bench in
            let store = bench.store
            let (mine, other, ended) = try await (bench.register(), bench.register(), bench.register())
            try await store.expire(ended)
            _ = try await store.recover(ended, limit: 1, now: .at(0)) { $0.outcome(now: .at(0), incarnation: ended) }
            _ = try await store.queueID("queue1")
            try await store.insert((1...7).map { bench.accepted($0, at: 1, .claimed(mine)) })
            let entries = [1, 2, 3, 5, 6, 7].map { WheelEntry(planTime: .at(1), id: bench.id($0)) }
            _ = try await store.start(entries, incarnation: mine, now: .at(1))
            func record(_ what: String, _ outcomes: [OutcomeRecord], as incarnation: UInt64) async {
                await bench.does(
                    what, { try await store.record(outcomes, incarnation: incarnation, now: .at(2)) }, bench.show)
            }
            await record("other incarnation", [bench.outcome(1, 1, by: other, .succeeded)], as: other)
            await record("other attempt", [bench.outcome(1, 2, by: mine, .succeeded)], as: mine)
            await record("unstarted", [bench.outcome(4, 1, by: mine, .succeeded)], as: mine)
            await record("ended", [bench.outcome(1, 1, by: mine, .retry(at: .at(3), .claimed(ended)))], as: mine)
            try await bench.look(1, 4)
            let all = [
                bench.outcome(1, 1, by: mine, .succeeded), bench.outcome(2, 1, by: mine, .dead(reason: "no more")),
                bench.outcome(3, 1, by: mine, .retry(at: .at(3), .claimed(mine))),
                bench.outcome(5, 1, by: mine, .retry(at: .at(90), .scheduled)),
                bench.outcome(6, 1, by: mine, .retry(at: .at(3), .ready)),
            ]
            await record("record", all, as: mine)
            await record("again", all, as: mine)
            // Its next attempt runs when the first one's outcome is sent again.
            _ = try await store.start([WheelEntry(planTime: .at(3), id: bench.id(3))], incarnation: mine, now: .at(3))
            await record("again, later", all + [bench.outcome(7, 1, by: mine, .succeeded)], as: mine)
            try await bench.look(1, 2, 3, 4, 5, 6, 7)
        }
    ]

    static let cluster: [ConformanceCase] = [
        ConformanceCase(
            name: "recover",
            mustSay: ["alive: nil", "isDone: true", "unknown: nil", "heartbeat after the end: lost", ": lost"]
        ) { bench in
            let store = bench.store
            let dead = try await bench.register()
            _ = try await store.queueID("queue1")
            try await store.insert([
                bench.accepted(1, at: 5, .claimed(dead)), bench.accepted(2, at: 5, .claimed(dead)),
                bench.accepted(3, at: 5, .claimed(dead), onLost: .dead),
                bench.accepted(4, at: 5, .claimed(dead), retries: 0), bench.accepted(5, at: 90, .scheduled),
            ])
            let entries = [2, 3, 4].map { WheelEntry(planTime: .at(5), id: bench.id($0)) }
            _ = try await store.start(entries, incarnation: dead, now: .at(5))
            func recover(_ what: String, _ incarnation: UInt64, limit: Int = 100) async {
                await bench.does(
                    what,
                    {
                        try await store.recover(incarnation, limit: limit, now: .at(9)) {
                            $0.outcome(now: .at(9), incarnation: dead)
                        }
                    }
                ) { "\($0.map { "\($0)" } ?? "nil")" }
            }
            await recover("alive", dead)
            await recover("unknown", 999)
            try await store.expire(dead)
            await bench.does("heartbeat after the end", { try await store.heartbeat(dead, lease: .seconds(9)) }) {
                $0 == nil ? "lost" : "held"
            }
            await recover("dead", dead)
            await recover("dead", dead)
            await recover("done", dead)
            await bench.does(
                "late",
                {
                    try await store.record([bench.outcome(2, 1, by: dead, .succeeded)], incarnation: dead, now: .at(9))
                }, bench.show)
            try await bench.look(1, 2, 3, 4, 5)
        },
        ConformanceCase(name: "give back", mustSay: ["give back: 2", "give back: 1", "give back: 0"]) { bench in
            let store = bench.store
            let (mine, other) = try await (bench.register(), bench.register())
            _ = try await store.queueID("queue1")
            try await store.insert(
                (1...4).map { bench.accepted($0, at: 5, .claimed(mine)) } + [bench.accepted(5, at: 5, .claimed(other))])
            _ = try await store.start([WheelEntry(planTime: .at(5), id: bench.id(1))], incarnation: mine, now: .at(5))
            for _ in 0..<3 {
                await bench.does("give back") {
                    try await store.giveBack(mine, queues: nil, limit: 2, now: .at(6)).count
                }
            }
            try await bench.look(1, 2, 3, 4, 5)
        },
        ConformanceCase(
            name: "pause",
            mustSay: [
                "pause: true", "unknown: false", "paused: [2]", "none: []", "give back: [\"2 at 5.0\"]", "paused: []",
            ]
        ) { bench in
            let store = bench.store
            let mine = try await bench.register()
            _ = try await (store.queueID("queue1"), store.queueID("queue2"))
            try await store.insert([
                bench.accepted(1, at: 5, .claimed(mine)), bench.accepted(2, at: 5, .claimed(mine), queue: 2),
                bench.accepted(3, at: 5, .claimed(mine), queue: 2), bench.accepted(4, at: 50, .scheduled, queue: 2),
            ])
            _ = try await store.start([WheelEntry(planTime: .at(5), id: bench.id(3))], incarnation: mine, now: .at(5))
            func peek() async {
                await bench.does("paused", { try await store.peek(lowScheduled: nil, lowReady: nil) }) { view in
                    "\(view.paused.sorted()), \(view.heads.map { "\($0.stage) \($0.queueID) \($0.first.s)" }.sorted())"
                }
            }
            await bench.does("unknown") { try await store.setPaused(true, queue: "queue3") }
            for _ in 0..<2 { await bench.does("pause") { try await store.setPaused(true, queue: "queue2") } }
            await peek()
            for queues in [[], [2, 7], [2]] as [Set<Int>] {
                await bench.does(
                    queues.isEmpty ? "none" : "give back",
                    { try await store.giveBack(mine, queues: queues, limit: 10, now: .at(6)) }
                ) { "\($0.map { "\(bench.number($0.id)) at \($0.planTime.s)" })" }
            }
            try await bench.look(1, 2, 3, 4)
            for _ in 0..<2 { await bench.does("resume") { try await store.setPaused(false, queue: "queue2") } }
            await peek()
        },
        ConformanceCase(name: "heartbeat", mustSay: ["workers: [1, 2]", "expired: [2]", "gone: lost"]) { bench in
            let store = bench.store
            let (mine, other, idle) = try await (
                bench.register(), bench.register(),
                bench.store.register(name: "api", version: "1", lookahead: nil, lease: .seconds(600))
            )
            func heartbeat(_ what: String, _ incarnation: UInt64) async {
                await bench.does(what, { try await store.heartbeat(incarnation, lease: .seconds(600)) }) {
                    $0.map { "\($0.view)" } ?? "lost"
                }
            }
            await heartbeat("both", mine)
            await heartbeat("idle", idle)
            try await store.expire(other)
            await heartbeat("gone", other)
            await heartbeat("one", mine)
            _ = try await store.recover(other, limit: 1, now: .at(0)) { $0.outcome(now: .at(0), incarnation: other) }
            await heartbeat("ended", mine)
            await heartbeat("unknown", 999)
            await bench.does("expire twice") { try await store.expire(other) }
        },
    ]
}
