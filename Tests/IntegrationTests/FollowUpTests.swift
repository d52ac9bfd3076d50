import MySQL
import TestSupport
import Testing
import Transfer

@testable import Scheduler

/// Tasks that are made when another has ended.
@Suite struct FollowUpTests {
    private func draft(_ url: String, _ receiver: TestServer, in delay: Duration = .zero) -> TaskDraft {
        var draft = TaskDraft.post(url, in: delay)
        draft.retryDelays = []
        for occasion in FollowUp.Occasion.allCases {
            var followUp = FollowUpDraft()
            followUp.url = receiver.url("/\(occasion.rawValue)")
            draft.followUps[occasion] = followUp
        }
        return draft
    }

    private func followers(_ scheduler: SchedulerService, of id: TaskID) async throws -> [TaskRecord] {
        var tasks: [TaskRecord] = []
        for id in try await scheduler.lineage(of: id).followUps { tasks.append(try await scheduler.task(id)) }
        return tasks
    }

    @Test func aSuccessIsTold() async throws {
        let receiver = TestServer { _ in .answer(http(200, body: "done \u{E4}")) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = draft(receiver.url("/task"), receiver)
                (draft.queue, draft.key, draft.labels) = ("mail", "k", ["order": "4\"2"])
                draft.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
                draft.followUps[.onSuccess]?.headers = [HeaderField(name: "X-A", value: "b")]
                draft.followUps[.onSuccess]?.labels = ["of": "follow-up"]
                let id = try await scheduler.accept(draft).id
                try await eventually { receiver.log.requests.map(\.path) == ["/task", "/on_success"] }
                let call = receiver.log.requests[1]
                #expect(call.method == "POST" && call.header("Content-Type") == "application/json")
                #expect(call.header("X-A") == "b" && call.header("traceparent")?.contains("4bf92f3577b34da6") == true)
                let follower = try #require(try await followers(scheduler, of: id).first)
                #expect(call.header("X-Task-Id") == follower.id.description)
                #expect(follower.follows == id && follower.task.queue == "mail" && follower.task.key == nil)
                #expect(follower.task.labels == ["of": "follow-up"] && follower.task.followUps.isEmpty)
                #expect(try await scheduler.lineage(of: id).copies.isEmpty)
                #expect(try await scheduler.lineage(of: follower.id).original == nil)

                let (task, body) = (try await scheduler.task(id), try JSONParser.parse(call.body))
                #expect(body["task_id"]?.text == id.description && body["queue"]?.text == "mail")
                #expect(body["key"]?.text == "k" && body["labels"]?["order"]?.text == "4\"2")
                #expect(body["state"]?.text == "succeeded" && body["expired"] == .bool(false))
                #expect(body["reason"] == .null && body["attempts"]?.integer == 1)
                #expect(body["plan_time"]?.text == task.task.planTime.rfc3339)
                #expect(body["finished_at"]?.text == task.finishedAt?.rfc3339)
                let last = body["last_attempt"]
                #expect(last?["attempt"]?.integer == 1 && last?["class"]?.text == "success")
                #expect(last?["message"] == .null && last?["status"]?.integer == 200)
                #expect(last?["response"]?.text == "done \u{E4}" && last?["response_encoding"]?.text == "utf8")
                #expect(last?["response_truncated"] == .bool(false))
            }
        }
    }

    @Test func aDeathIsToldEachTimeAndASuccessAfterwards() async throws {
        let failures = Counter()
        let receiver = TestServer { request in
            guard request.path == "/task" else { return .answer(http(200)) }
            failures.add()
            return .answer(failures.value <= 4 ? http(500, body: "no") : http(200))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = draft(receiver.url("/task"), receiver)
                (draft.maxRetries, draft.retryDelays) = (1, [0])
                draft.followUps[.onFailure]?.queue = "failures"
                let id = try await scheduler.accept(draft).id
                func told(_ paths: [String]) async throws {
                    try await eventually { receiver.log.requests.map(\.path).filter { $0 != "/task" } == paths }
                }
                try await told(["/on_failure"])
                let body = try JSONParser.parse(receiver.log.requests.last!.body)
                #expect(body["state"]?.text == "dead" && body["attempts"]?.integer == 2)
                #expect(body["reason"]?.text?.hasPrefix("attempt 2 failed and no retry is left") == true)
                let last = body["last_attempt"]
                #expect(last?["class"]?.text == "status" && last?["status"]?.integer == 500)
                #expect(last?["response"]?.text == "no" && last?["message"]?.text?.isEmpty == false)
                _ = try await scheduler.retry(id)
                try await told(["/on_failure", "/on_failure"])
                _ = try await scheduler.retry(id)
                try await told(["/on_failure", "/on_failure", "/on_success"])
                let followers = try await followers(scheduler, of: id)
                #expect(followers.map(\.task.queue) == ["failures", "failures", "default"])
            }
        }
    }

    @Test func aCancelledTaskHasNone() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let receiver = TestServer { _ in .answer(http(200)) }
                defer { receiver.stop() }
                let id = try await scheduler.accept(draft(receiver.url("/task"), receiver, in: .later)).id
                _ = try await scheduler.cancel(id)
                #expect(try database.count("tasks") == 1)
                // A copy asks for what the task asked for.
                let copy = try await scheduler.duplicate(id, planTime: .now + .later)
                #expect(copy.task.followUps == (try await scheduler.task(id)).task.followUps)
                #expect(!copy.task.followUps.isEmpty)
            }
        }
    }

    /// The delay, the pause of its queue and its address count for it as for any task.
    @Test func itIsATaskLikeAnyOther() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                _ = try await scheduler.createQueue("later", QueuePatch())
                _ = try await scheduler.pause(queue: "later")
                var draft = draft(receiver.url("/task"), receiver)
                draft.followUps[.onSuccess]?.queue = "later"
                draft.followUps[.onSuccess]?.delay = 1000.5
                let id = try await scheduler.accept(draft).id
                try await eventually { try await scheduler.task(id).state == .succeeded }
                let follower = try #require(try await followers(scheduler, of: id).first)
                #expect(follower.state == .scheduled && follower.task.queue == "later")
                let finishedAt = try #require(try await scheduler.task(id).finishedAt)
                #expect(follower.task.planTime == finishedAt + .milliseconds(1_000_500))
                #expect(try await scheduler.runNow(follower.id).state == .scheduled)
                _ = try await scheduler.resume(queue: "later")
                try await eventually { receiver.log.requests.map(\.path) == ["/task", "/on_success"] }
            }
        }
    }

    /// Whoever ends the task: what an instance that died had started, and was not to run again.
    @Test func recoveryTellsToo() async throws {
        try await StoreFixture.with { bench in
            let dead = try await bench.register()
            var task = bench.task(.claimed(dead), onLost: .dead)
            task.task.followUps = [.onFailure: FollowUpTests.followUp]
            try await bench.store.insert([task])
            let started = try await bench.store.start(
                [task.placement.wheelEntry], incarnation: dead, now: .now)
            #expect(started.map(\.hasFollowUps) == [true])
            try await bench.store.expire(dead)
            try await RunningScheduler.with(bench.database) { scheduler in
                try await eventually { try await scheduler.task(task.id).state == .dead }
                let lineage = try await scheduler.lineage(of: task.id)
                #expect(lineage.followUps.count == 1)
                let follower = try await scheduler.task(lineage.followUps[0])
                let body = try JSONParser.parse(follower.task.request.body ?? [])
                #expect(body["last_attempt"]?["class"]?.text == "lost")
                #expect(follower.task.queue == "new" && follower.follows == task.id)
            }
        }
    }

    static let followUp = FollowUp(
        queue: "new", request: CallbackRequest(method: "POST", url: "http://127.0.0.1:1/"), successRule: .status2xx,
        retrySchedule: RetrySchedule(maxRetries: 0, delays: []), timeout: .seconds(1), delay: .later)

    /// Sent again after a COMMIT that was not answered, an outcome has no second follow-up.
    @Test func recordedTwiceIsToldOnce() async throws {
        try await StoreFixture.with { bench in
            let incarnation = try await bench.register()
            var tasks = (0..<20).map { _ in bench.task(.claimed(incarnation)) }
            for index in tasks.indices where index % 2 == 0 {
                tasks[index].task.followUps = [.onSuccess: FollowUpTests.followUp]
            }
            try await bench.store.insert(tasks)
            let started = try await bench.store.start(
                tasks.map(\.placement.wheelEntry), incarnation: incarnation, now: .now)
            let ids = TaskIDSource(SystemTime())
            for _ in 0..<2 {
                var outcomes = started.map { bench.outcome(of: $0, .succeeded, by: incarnation) }
                let sources = try await bench.store.followUps(of: outcomes.map(\.id))
                #expect(sources.count == 10)
                for index in outcomes.indices {
                    outcomes[index].follow(sources[outcomes[index].id], now: .now, id: { ids.next(at: .now) }) {
                        _, _ in .scheduled
                    }
                }
                #expect(try await bench.store.record(outcomes, incarnation: incarnation, now: .now).isEmpty)
                #expect(try bench.database.count("tasks WHERE follows IS NOT NULL") == 10)
                #expect(try bench.database.count("task_copies WHERE kind = 1") == 10)
                #expect(try bench.database.count("scheduled") == 10)
            }
        }
    }

    /// More than a server takes in one packet goes in pieces of one transaction.
    @Test func manyLargeOnesAreInsertedInPieces() async throws {
        try await StoreFixture.with { bench in
            let incarnation = try await bench.register()
            let tasks = (0..<300).map { _ in
                var task = bench.task(.claimed(incarnation))
                var followUp = FollowUpTests.followUp
                followUp.request.headers = [HeaderField(name: "X-Long", value: String(repeating: "'", count: 8000))]
                task.task.followUps = [.onSuccess: followUp]
                return task
            }
            for batch in stride(from: 0, to: 300, by: 100) {
                try await bench.store.insert(Array(tasks[batch..<batch + 100]))
            }
            let started = try await bench.store.start(
                tasks.map(\.placement.wheelEntry), incarnation: incarnation, now: .now)
            var outcomes = started.map { bench.outcome(of: $0, .succeeded, by: incarnation) }
            let sources = try await bench.store.followUps(of: outcomes.map(\.id))
            let ids = TaskIDSource(SystemTime())
            for index in outcomes.indices {
                outcomes[index].attempt.response = Array(repeating: 1, count: 8192)
                outcomes[index].follow(sources[outcomes[index].id], now: .now, id: { ids.next(at: .now) }) { _, _ in
                    .scheduled
                }
                outcomes[index].attempt.response = []
            }
            #expect(outcomes.reduce(0) { $0 + ($1.followUps[0].task.request.body?.count ?? 0) } > 14 << 20)
            #expect(try await bench.store.record(outcomes, incarnation: incarnation, now: .now).isEmpty)
            #expect(try bench.database.count("tasks WHERE follows IS NOT NULL") == 300)
        }
    }
}
