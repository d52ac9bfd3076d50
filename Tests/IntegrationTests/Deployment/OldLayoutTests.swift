import MySQL
import Scheduler
import Synchronization
import TestSupport
import Testing

/// The examples in `config/` with the real nginx and supervisord.
@Suite(.serialized) struct OldLayoutTests {
    private static func receiver() -> TestServer {
        TestServer { _ in .answer(http(200, body: #"{"success":true}"#)) }
    }

    private static let ok = #"{"code":"ok","data":"操作成功"}"#

    @Test func aTaskGoesThrough() async throws {
        let receiver = Self.receiver()
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await OldLayout.with(database) { layout in
                let now = Timestamp.now.microseconds / 1_000_000
                let answer = try await layout.save(receiver.url("/close"), now + 1)
                #expect(answer.status == 200)
                #expect(answer.body == Self.ok)
                let id = try #require(answer.header("X-Task-Id").flatMap { TaskID($0) })
                try await eventually { receiver.taskIDs == [id] }
                try await eventually { try database.count("tasks WHERE state = 1") == 1 }
                // One process takes, another calls.
                #expect(try database.count("instances WHERE lookahead_ms IS NULL") == 1)
                #expect(try database.count("instances WHERE lookahead_ms IS NOT NULL") == 1)
            }
        }
    }

    /// Only 127.0.0.1, where nginx is, is believed when it names another address.
    @Test func theClientsAddressComesFromTheTrustedProxyAlone() async throws {
        try await TestDatabase.migrated { database in
            try await OldLayout.with(database) { layout in
                func client(_ answer: HTTPCall.Answer, _ address: String) async throws {
                    #expect(answer.status == 200)
                    try await eventually { try layout.scratch.read("web.log").contains("client=\(address) ") }
                }
                let lie = ["X-Forwarded-For: 203.0.113.1", "X-Real-IP: 203.0.113.2"]
                try await client(layout.save("", headers: lie, source: "127.0.0.11"), "127.0.0.11")
                try await client(layout.save("", direct: true, headers: lie, source: "127.0.0.12"), "127.0.0.12")
                #expect(try !layout.scratch.read("web.log").contains("client=203.0.113."))
                try await client(layout.save("", direct: true, headers: lie), "203.0.113.1")
            }
        }
    }

    /// What a producer was told.
    private final class Accepted: Sendable {
        private let state = Mutex((ids: Set<TaskID>(), isOver: false))

        var ids: Set<TaskID> { state.withLock { $0.ids } }
        var isOver: Bool { state.withLock { $0.isOver } }

        func add(_ id: TaskID) { state.withLock { _ = $0.ids.insert(id) } }
        func end() { state.withLock { $0.isOver = true } }
    }

    /// Sends tasks, one after the other, until it is over. While the web process is away nginx answers with 502.
    private static func produce(_ layout: OldLayout, _ url: String, _ accepted: Accepted) async throws {
        while !accepted.isOver {
            let now = Timestamp.now.microseconds / 1_000_000
            let answer = try await layout.save(url, now + .random(in: 1...6))
            guard answer.body == ok else { continue }
            accepted.add(try #require(answer.header("X-Task-Id").flatMap { TaskID($0) }))
        }
    }

    /// Both processes are restarted, in turn and over and over, while tasks come in: what was accepted is called.
    @Test func restartsLoseNothing() async throws {
        let receiver = Self.receiver()
        defer { receiver.stop() }
        let url = receiver.url("/")
        try await TestDatabase.migrated { database in
            try await OldLayout.with(database) { layout in
                let accepted = Accepted()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    defer { accepted.end() }
                    for _ in 0..<4 { group.addTask { try await Self.produce(layout, url, accepted) } }
                    for program in ["queue", "web", "queue", "web", "queue"] {
                        let before = accepted.ids.count
                        try await eventually { accepted.ids.count > before + 50 }
                        let restarted = try await layout.control("restart", "schedulerd:schedulerd-\(program)")
                        #expect(restarted.output.contains("started"), "\(restarted.output)")
                    }
                    accepted.end()
                    try await group.waitForAll()
                }
                let all = accepted.ids
                #expect(all.count > 250)
                try await eventually { all.isSubset(of: receiver.taskIDs) }
                try await eventually { try database.count("tasks WHERE state <> 1") == 0 }
            }
        }
    }
}
