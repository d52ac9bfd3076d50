import MySQL
import Scheduler
import Testing

/// The store in memory stands for the real one in the simulation: both must answer alike.
@Suite struct ConformanceTests {
    @Test(arguments: ConformanceCase.all)
    func memoryAnswersAsTheServer(_ item: ConformanceCase) async throws {
        let inMemory = try await StoreBench.inMemory(item.run)
        let onServer = try await StoreBench.onServer(item.run)
        #expect(!onServer.isEmpty)
        for (memory, server) in zip(inMemory, onServer) { #expect(memory == server) }
        #expect(inMemory.count == onServer.count)
        for line in item.mustSay { #expect(onServer.contains { $0.contains(line) }, "\(onServer)") }
    }
}

/// One thing that both stores are put through.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    var name: String
    /// What must be in the transcript, so that two stores that do nothing do not pass.
    var mustSay: [String]
    var run: @Sendable (StoreBench) async throws -> Void

    var testDescription: String { name }

    static let all = claims + outcomes + cluster + steering + limits + keys + ends
}

extension ConformanceCase {
    static let claims: [ConformanceCase] = [
        ConformanceCase(name: "insert", mustSay: ["again: ()", "mixed: error 1062", "ended: fenced"]) { bench in
            let store = bench.store
            let mine = try await bench.register()
            _ = try await store.queueID("queue1")
            let batch = [
                bench.accepted(1, at: 60, .scheduled), bench.accepted(2, at: 5, .ready),
                bench.accepted(3, at: 5, .claimed(mine)),
            ]
            await bench.does("insert") { try await store.insert(batch) }
            await bench.does("again") { try await store.insert(batch) }
            await bench.does("mixed") { try await store.insert([batch[0], bench.accepted(4, at: 9, .ready)]) }
            try await store.expire(mine)
            while try await store.recover(
                mine, limit: 10, now: .at(1), decide: { $0.outcome(now: .at(1), incarnation: mine) })?
                .isDone == false
            {}
            await bench.does("ended") { try await store.insert([bench.accepted(5, at: 5, .claimed(mine))]) }
            try await bench.look(1, 2, 3, 4, 5)
            await bench.does("held") { try await store.held(mine).count }
        },
        ConformanceCase(
            name: "claim ranges and limits", mustSay: ["started [\"2 attempt 1/0", "last 30.0", "held: [4, 5, 6]"]
        ) { bench in
            let store = bench.store
            let mine = try await bench.register()
            _ = try await (store.queueID("queue1"), store.queueID("queue2"))
            try await store.insert(
                (1...6).map { bench.accepted($0, at: $0 * 5, .scheduled) } + [
                    bench.accepted(7, at: 3, .scheduled, queue: 2)
                ])
            for low in [nil, Timestamp.at(4), .at(16), .at(99)] {
                await bench.does("peek", { try await store.peek(lowScheduled: low, lowReady: low) }) { view in
                    "\(view.heads.map { "\($0.stage) \($0.queueID) \($0.first.s)" }.sorted())"
                }
            }
            func claim(_ low: Int?, _ upTo: Int, _ limit: Int, due: Int, starts: Int = 10) async {
                await bench.does(
                    "claim",
                    {
                        try await store.claim(
                            ClaimRange(
                                stage: .scheduled, queueID: 1, low: low.map { .at($0) }, upTo: .at(upTo), limit: limit),
                            incarnation: mine, now: .at(1), startDueBy: .at(due), startLimit: starts)
                    }, bench.show)
            }
            await claim(nil, 4, 10, due: 0)
            await claim(6, 12, 10, due: 12, starts: 1)
            await claim(nil, 12, 10, due: 12, starts: 0)
            await claim(nil, 40, 1, due: 0)
            await claim(nil, 40, 3, due: 15)
            await claim(nil, 40, 3, due: 0)
            await bench.does("held") {
                try await store.held(mine).map { bench.number($0.id) }.filter { $0 > 3 }.sorted()
            }
            try await bench.look(1, 2, 3, 4, 5, 6, 7)
        },
        ConformanceCase(name: "claim from ready", mustSay: ["waiting [\"1 at 50.0\"]", "ended: fenced"]) { bench in
            let store = bench.store
            let (mine, ended) = try await (bench.register(), bench.register())
            try await store.expire(ended)
            _ = try await store.recover(ended, limit: 1, now: .at(0)) { $0.outcome(now: .at(0), incarnation: ended) }
            _ = try await store.queueID("queue1")
            try await store.insert([bench.accepted(1, at: 50, .ready), bench.accepted(2, at: -5, .ready)])
            let range = ClaimRange(stage: .ready, queueID: 1, low: nil, upTo: .at(10), limit: 10)
            await bench.does(
                "ended",
                { try await store.claim(range, incarnation: ended, now: .at(1), startDueBy: .at(1), startLimit: 9) },
                bench.show)
            try await bench.look(1, 2)
            await bench.does(
                "claim",
                { try await store.claim(range, incarnation: mine, now: .at(1), startDueBy: .at(1), startLimit: 9) },
                bench.show)
            try await bench.look(1, 2)
        },
        ConformanceCase(name: "start", mustSay: ["other time: []", "start: [\"1 attempt 1/0", "again: []"]) { bench in
            let store = bench.store
            let (mine, other) = try await (bench.register(), bench.register())
            _ = try await store.queueID("queue1")
            try await store.insert([bench.accepted(1, at: 5, .claimed(mine)), bench.accepted(2, at: 6, .claimed(mine))])
            func start(_ what: String, _ entries: [WheelEntry], as incarnation: UInt64) async {
                await bench.does(
                    what, { try await store.start(entries, incarnation: incarnation, now: .at(4)) }, bench.show)
            }
            let entry = WheelEntry(planTime: .at(5), id: bench.id(1))
            await start("other time", [WheelEntry(planTime: .at(6), id: bench.id(1))], as: mine)
            await start("other incarnation", [entry], as: other)
            await start("unknown", [WheelEntry(planTime: .at(5), id: bench.id(9))], as: mine)
            await start("start", [entry, entry, WheelEntry(planTime: .at(99), id: bench.id(2))], as: mine)
            await start("again", [entry], as: mine)
            try await bench.look(1, 2)
        },
        ConformanceCase(
            name: "put off",
            mustSay: [
                "start: 1 started, 3 put off, 1 held", "again: 0 started, 0 put off, 0 held", "ended: fenced",
                "claim: waiting [\"9 at 7.0\"], started [\"6", "deferred from 5.0", "deferred from 7.0",
            ]
        ) { bench in
            let store = bench.store
            let (mine, ended) = try await (bench.register(), bench.register())
            try await store.expire(ended)
            _ = try await store.recover(ended, limit: 1, now: .at(0)) { $0.outcome(now: .at(0), incarnation: ended) }
            _ = try await store.queueID("queue1")
            try await store.insert((1...5).map { bench.accepted($0, at: 5, .claimed(mine)) })
            try await store.insert((6...9).map { bench.accepted($0, at: 7, .ready) })
            let places: [Int: (Int, Place)] = [
                2: (90, .scheduled), 3: (8, .ready), 4: (9, .claimed(mine)), 7: (91, .scheduled),
                8: (92, .claimed(mine)),
            ]
            let admit: Admit = { tasks in
                var admitted = Admitted()
                for task in tasks {
                    let number = Int(task.id.high & 0xFFF)
                    if let (seconds, place) = places[number] {
                        admitted.putOff.append(
                            Placement(id: task.id, queueID: task.queueID, planTime: .at(seconds), place: place))
                    } else if number == 5 || number == 9 {
                        admitted.held.insert(task.id)
                    } else {
                        admitted.started.append(task)
                    }
                }
                return admitted
            }
            let entries = (1...5).map { WheelEntry(planTime: .at(5), id: bench.id($0)) }
            func start(_ what: String, _ entries: [WheelEntry], _ admit: @escaping Admit) async {
                await bench.does(
                    what, { try await store.start(entries, incarnation: mine, now: .at(6), admit: admit) }
                ) { "\($0.started.count) started, \($0.putOff.count) put off, \($0.held.count) held" }
            }
            await start("ended", entries) { tasks in
                var admitted = Admitted()
                admitted.putOff = tasks.map {
                    Placement(id: $0.id, queueID: $0.queueID, planTime: .at(9), place: .claimed(ended))
                }
                return admitted
            }
            await start("start", entries, admit)
            await start("again", Array(entries.prefix(4)), admit)
            try await bench.look(1, 2, 3, 4, 5)
            await bench.does(
                "claim",
                {
                    try await store.claim(
                        ClaimRange(stage: .ready, queueID: 1, low: .at(0), upTo: .at(20), limit: 4), incarnation: mine,
                        now: .at(7), startDueBy: .at(7), startLimit: 4, admit: admit)
                }, bench.show)
            try await bench.look(6, 7, 8, 9)
            // It is put off again, called and tried again, and given another time by hand.
            await start("later", [WheelEntry(planTime: .at(9), id: bench.id(4))]) { tasks in
                var admitted = Admitted()
                admitted.putOff = tasks.map {
                    Placement(id: $0.id, queueID: $0.queueID, planTime: .at(12), place: .claimed(mine))
                }
                return admitted
            }
            try await bench.look(4)
            await start("at last", [WheelEntry(planTime: .at(12), id: bench.id(4))], Admitted.all)
            _ = try await store.record(
                [bench.outcome(4, 1, by: mine, .retry(at: .at(95), .scheduled))], incarnation: mine, now: .at(13))
            _ = try await store.steer(bench.id(2), .edit(planTime: nil, request: nil), now: .at(13)) { _, _ in
                .scheduled
            }
            _ = try await store.steer(bench.id(7), .runNow, now: .at(13)) { _, _ in .ready }
            try await bench.look(2, 4, 7)
        },
    ]
}
