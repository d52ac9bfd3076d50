import MySQL
import Scheduler
import TestSupport
import Testing
import Transfer

/// Where calls may go, and what is done with redirects.
@Suite struct CallTests {
    static func publicOnly(_ configuration: inout Configuration) {
        configuration.dispatch.addressPolicy = AddressPolicy(preset: .public)
    }

    static func form(_ url: String) -> LegacyForm {
        var form = LegacyForm()
        form.notifyURL = url
        form.planTime = "0"
        form.methodName = "post"
        form.notifyParam = "a=1&b=ж"
        return form
    }

    @Test func thePublicPresetRefusesAnInnerAddressAtIntake() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Self.publicOnly) { scheduler in
                let error = await #expect(throws: ValidationError.self) {
                    _ = try await scheduler.accept(.post(receiver.url()))
                }
                #expect(error?.problems.map(\.field) == ["request.url"])
                let form = Self.form(receiver.url())
                let refusal = await #expect(throws: LegacyRefusal.self) { _ = try await scheduler.accept(form) }
                #expect(refusal?.reason.contains("notify_url") == true)
            }
            #expect(try database.count("tasks") == 0)
        }
    }

    /// A name is known only when it is resolved.
    @Test func thePublicPresetRefusesANameThatLeadsInside() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Self.publicOnly) { scheduler in
                var draft = TaskDraft.post("http://localhost:\(receiver.port)/")
                draft.maxRetries = 1
                draft.retryDelays = [0.01]
                draft.maxRetries = 1
                let id = try await scheduler.accept(draft).id
                try await eventually { try await scheduler.task(id).state == .dead }
                let attempts = try await scheduler.attempts(of: id, after: 0, limit: 10)
                #expect(attempts.map(\.outcomeClass) == ["address_denied", "address_denied"])
                #expect(attempts.allSatisfy { $0.status == nil && $0.message?.contains("loopback") == true })
            }
        }
        #expect(receiver.log.connections == 0)
    }

    @Test(arguments: [0, 1]) func aRedirectIsFollowedOnlyWhenAsked(maxRedirects: Int) async throws {
        let receiver = TestServer { request in
            .answer(request.path == "/from" ? http(302, ["Location: /to"]) : http(200))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = TaskDraft.post(receiver.url("/from"))
                if maxRedirects > 0 { draft.maxRedirects = maxRedirects }
                draft.maxRetries = 0
                let id = try await scheduler.accept(draft).id
                try await eventually { try await scheduler.task(id).state.isFinished }
                #expect(try await scheduler.task(id).state == (maxRedirects == 0 ? .dead : .succeeded))
                let attempts = try await scheduler.attempts(of: id, after: 0, limit: 10)
                #expect(attempts.map(\.status) == [maxRedirects == 0 ? 302 : 200])
            }
        }
        #expect(receiver.log.requests.map(\.path) == (maxRedirects == 0 ? ["/from"] : ["/from", "/to"]))
    }

    @Test func failuresAreNamedInTheLog() async throws {
        let receiver = TestServer { $0.path == "/close" ? .close : .hang }
        defer { receiver.stop() }
        let cases = [
            ("http://127.0.0.1:\(TestServer.closedPort())/", "connect"), (receiver.url("/close"), "receive"),
            (receiver.url("/hang"), "timeout"), ("http://name.invalid/", "resolve"),
        ]
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                for (url, outcomeClass) in cases {
                    var draft = TaskDraft.post(url)
                    draft.maxRetries = 0
                    draft.timeoutMilliseconds = outcomeClass == "timeout" ? 200 : 10_000
                    let id = try await scheduler.accept(draft).id
                    try await eventually { try await scheduler.task(id).state == .dead }
                    let attempts = try await scheduler.attempts(of: id, after: 0, limit: 10)
                    #expect(attempts.map(\.outcomeClass) == [outcomeClass], "\(url)")
                    #expect(attempts.first?.message?.isEmpty == false)
                }
            }
        }
    }

    @Test func theOldFormRunsByTheOldRule() async throws {
        let receiver = TestServer { request in
            .answer(http(200, body: request.header("X-Task-Attempt") == "1" ? "{}" : #"{"success":true}"#))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let quick: (inout Configuration) -> Void = { configuration in
                configuration.queue.timeInterval = .milliseconds(50)
                configuration.queue.retryDelays = [.milliseconds(50)]
            }
            try await RunningScheduler.with(database, quick) { scheduler in
                let id = try await scheduler.accept(Self.form(receiver.url("/old"))).id
                try await eventually { try await scheduler.task(id).state == .succeeded }
                let attempts = try await scheduler.attempts(of: id, after: 0, limit: 10)
                #expect(attempts.map(\.outcomeClass) == ["rule", "success"])
            }
        }
        for request in receiver.log.requests {
            #expect(request.method == "POST")
            #expect(request.body == Array("a=1&b=ж".utf8))
            #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
        }
    }
}
