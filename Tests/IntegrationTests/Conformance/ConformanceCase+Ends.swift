import MySQL
import Scheduler

extension ConformanceCase {
    /// Ends without a call, and what follows an end.
    static let ends: [ConformanceCase] = [
        ConformanceCase(
            name: "expiry",
            mustSay: [
                "other start: []", "expired: []", "again: []", "dead attempt 0", "expired by 9.0", "retried: done",
                "edited: done", "recovered: Optional", "expires 70.0",
            ]
        ) { bench in
            let store = bench.store
            let mine = try await bench.register()
            _ = try await store.queueID("queue1")
            var tasks = (1...5).map { bench.accepted($0, at: 5, .claimed(mine)) }
            for index in tasks.indices { tasks[index].task.expiresAt = .at(index == 3 ? 90 : 9) }
            try await store.insert(tasks)
            func start(_ numbers: Int..., at time: Int) async -> [StartedTask] {
                let entries = numbers.map { WheelEntry(planTime: .at(5), id: bench.id($0)) }
                return await bench.does(
                    "start", { try await store.start(entries, incarnation: mine, now: .at(time)) }
                ) { tasks in
                    "\(tasks.map { "\(bench.number($0.id)) by \($0.expiresAt?.s ?? "-")" }.sorted())"
                } ?? []
            }
            func record(_ what: String, _ outcomes: OutcomeRecord...) async {
                await bench.does(
                    what, { try await store.record(outcomes, incarnation: mine, now: .at(10)) }, bench.show)
            }
            func expired(_ number: Int, startedAt: Int) -> OutcomeRecord {
                bench.outcome(
                    number, 1, by: mine, .expired(reason: "expired by \(Timestamp.at(9).s)", startedAt: .at(startedAt)))
            }
            _ = await start(1, 2, at: 9)
            await record("other start", expired(1, startedAt: 8))
            try await bench.look(1)
            await record("expired", expired(1, startedAt: 9), bench.outcome(2, 1, by: mine, .succeeded))
            await record("again", expired(1, startedAt: 9))
            try await bench.look(1, 2)
            // It may be called however late, when somebody asks for it after its time.
            await bench.does(
                "retried",
                { try await store.steer(bench.id(1), .retry, now: .at(5)) { _, _ in .claimed(mine) } }
            ) { if case .done(let record, _) = $0 { "done \(record.state)" } else { "\($0)" } }
            try await bench.look(1)
            await bench.does(
                "retried",
                { try await store.steer(bench.id(1), .cancel, now: .at(5)) { _, _ in .claimed(mine) } }
            ) { if case .done(let record, _) = $0 { "done \(record.state)" } else { "\($0)" } }
            await bench.does(
                "retried",
                { try await store.steer(bench.id(1), .retry, now: .at(12)) { _, _ in .claimed(mine) } }
            ) { if case .done(let record, _) = $0 { "done \(record.state)" } else { "\($0)" } }
            try await bench.look(1)
            for time in [Timestamp?.some(.at(70)), nil] {
                var edit = TaskEdit()
                edit.expiresAt = .some(time)
                await bench.does(
                    "edited",
                    { try await store.steer(bench.id(4), .edit(edit), now: .at(6)) { _, _ in .claimed(mine) } }
                ) { if case .done(let record, _) = $0 { "done \(record.state)" } else { "\($0)" } }
                try await bench.look(4)
            }
            // Whoever died had started one in time and one too late.
            _ = await start(3, at: 6)
            _ = await start(5, at: 9)
            try await store.expire(mine)
            await bench.does("recovered") {
                try await store.recover(mine, limit: 10, now: .at(11)) { $0.outcome(now: .at(11), incarnation: mine) }
            }
            try await bench.look(3, 5)
        },
        ConformanceCase(
            name: "follow-ups",
            mustSay: [
                "asked: [\"1: queue1 key - on_success to 2\"]", "recorded: []", "again: []", "other's: [2]",
                "8 is scheduled attempt 0", "follows 1", "9 is nowhere", "10 is nowhere", "edited: done",
            ]
        ) { bench in
            let store = bench.store
            let (mine, other) = try await (bench.register(), bench.register())
            _ = try await store.queueID("queue1")
            func followUp(_ path: String, _ queue: String) -> FollowUp {
                var criteria = SuccessCriteria()
                criteria.permanentFailure = [StatusRange("410")!]
                return FollowUp(
                    queue: queue,
                    request: CallbackRequest(
                        method: "PUT", url: "http://receiver.test/\(path)",
                        headers: [HeaderField(name: "X-\u{E4}", value: "\u{1F600}\"\\'")]),
                    successRule: .custom(criteria),
                    retrySchedule: RetrySchedule(maxRetries: 1, delays: [.milliseconds(1500)]), timeout: .seconds(2),
                    labels: ["a": "b"], delay: .milliseconds(2500))
            }
            var tasks = (1...5).map { bench.accepted($0, at: 5, .claimed($0 == 2 ? other : mine)) }
            for number in [1, 2] { tasks[number - 1].task.followUps = [.onSuccess: followUp("good", "queue2")] }
            tasks[2].task.followUps = [.onFailure: followUp("bad", "queue1")]
            tasks[4].task.followUps = [.onFailure: followUp("bad", "queue9"), .onSuccess: followUp("good", "queue1")]
            try await store.insert(tasks)
            let entries = [1, 3, 4, 5].map { WheelEntry(planTime: .at(5), id: bench.id($0)) }
            await bench.does("start", { try await store.start(entries, incarnation: mine, now: .at(5)) }) { tasks in
                "\(tasks.map { "\(bench.number($0.id)) \($0.hasFollowUps)" }.sorted())"
            }
            _ = try await store.start(
                [WheelEntry(planTime: .at(5), id: bench.id(2))], incarnation: other, now: .at(5))
            let sources = try await store.followUps(of: [1, 4].map(bench.id))
            bench.say(
                "asked",
                sources.map { id, source in
                    let to = source.followUps.map { "\($0.key.rawValue) to \(source.queueIDs[$0.value.queue] ?? 0)" }
                    return "\(bench.number(id)): \(source.queue) key \(source.key ?? "-") \(to.joined())"
                })
            func outcome(_ number: Int, _ fate: OutcomeRecord.Fate, by follower: Int) async throws -> OutcomeRecord {
                var outcome = bench.outcome(number, 1, by: number == 2 ? other : mine, fate)
                let source = try await store.followUps(of: [bench.id(number)])[bench.id(number)]
                outcome.follow(source, now: .at(6), id: { bench.id(follower) }) { _, _ in .ready }
                return outcome
            }
            func record(_ what: String, _ outcomes: [OutcomeRecord], as incarnation: UInt64) async {
                await bench.does(
                    what, { try await store.record(outcomes, incarnation: incarnation, now: .at(6)) }, bench.show)
            }
            let first = try await [
                outcome(1, .succeeded, by: 8), outcome(3, .succeeded, by: 10), outcome(4, .dead(reason: "no"), by: 11),
            ]
            await record("recorded", first, as: mine)
            try await bench.look(1, 3, 4, 8, 10, 11)
            try await record("again", [outcome(1, .succeeded, by: 9)], as: mine)
            try await record("other's", [outcome(2, .succeeded, by: 9)], as: mine)
            try await bench.look(9)
            // Recovery ends a task as well.
            try await store.expire(mine)
            await bench.does("recovered") {
                try await store.recover(mine, limit: 10, now: .at(8)) { lost in
                    var outcome = lost.outcome(now: .at(8), incarnation: mine)
                    outcome.fate = .dead(reason: "parked")
                    outcome.follow(lost.followUps, now: .at(8), id: { StoreBench.id(12) }) { _, _ in .scheduled }
                    return outcome
                }
            }
            try await bench.look(5, 12)
            await bench.does("queues") { try await store.queueID("queue9") }
            for change in [FollowUp?.none, followUp("new", "queue2")] {
                var edit = TaskEdit()
                edit.followUps = [.onSuccess: change]
                try await store.insert([bench.accepted(change == nil ? 20 : 21, at: 60, .scheduled)])
                await bench.does(
                    "edited",
                    {
                        try await store.steer(bench.id(change == nil ? 20 : 21), .edit(edit), now: .at(6)) { _, _ in
                            .scheduled
                        }
                    }
                ) { if case .done(let record, _) = $0 { "done \(record.state)" } else { "\($0)" } }
                try await bench.look(20, 21)
            }
        },
    ]
}
