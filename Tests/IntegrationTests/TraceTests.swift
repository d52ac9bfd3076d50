import MySQL
import Scheduler
import TestSupport
import Testing

/// A trace goes through: from whoever asks for a task to whoever is called.
@Suite struct TraceTests {
    private static let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func eachCallContinuesTheTrace() async throws {
        let receiver = TestServer { _ in .answer(http(500)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = TaskDraft.post(receiver.url())
                draft.traceparent = Self.given
                (draft.maxRetries, draft.retryDelays) = (1, [0.01])
                draft.maxRetries = 1
                let id = try await scheduler.accept(draft).id
                try await eventually { try await scheduler.task(id).state == .dead }
                let kept = try #require(try await scheduler.task(id).task.trace)
                #expect(kept.text == Self.given)
                let sent = receiver.log.requests.map { $0.header("traceparent") }
                #expect(sent == [kept.attempt(1, of: id).text, kept.attempt(2, of: id).text])
                #expect(Set(sent).count == 2)
                let copy = try await scheduler.duplicate(id)
                #expect(copy.task.trace == nil)
            }
        }
    }

    @Test func theOldFormBringsOneToo() async throws {
        let receiver = TestServer { _ in .answer(http(200, body: "{\"success\":true}")) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var form = CallTests.form(receiver.url())
                form.traceparent = Self.given
                let task = try await scheduler.accept(form)
                #expect(try await scheduler.task(task.id).task.trace?.text == Self.given)
            }
        }
    }

    @Test func whatIsMalformedOrSetByTheTaskIsNotOurs() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var malformed = TaskDraft.post(receiver.url("/malformed"))
                malformed.traceparent = Self.given + "0"
                var own = TaskDraft.post(receiver.url("/own"))
                own.traceparent = Self.given
                own.headers = [HeaderField(name: "Traceparent", value: "of-its-own")]
                for draft in [malformed, own] {
                    let id = try await scheduler.accept(draft).id
                    try await eventually { try await scheduler.task(id).state == .succeeded }
                }
                let requests = receiver.log.requests
                #expect(requests.first { $0.path == "/malformed" }?.header("traceparent") == nil)
                let lines = requests.first { $0.path == "/own" }?.lines.filter {
                    $0.lowercased().hasPrefix("traceparent")
                }
                #expect(lines == ["Traceparent: of-its-own"])
            }
        }
    }
}
