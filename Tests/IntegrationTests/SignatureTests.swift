import Foundation
import MySQL
import Scheduler
import TestSupport
import Testing

/// Signed calls to real receivers.
@Suite struct SignatureTests {
    static let old = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let new = "whsec_" + Base64.encode(Array(0..<64))
    static let foreign = "whsec_" + Base64.encode(Array(repeating: 1, count: 32))

    static let names = ["webhook-id", "webhook-timestamp", "webhook-signature", "webhook-request-signature"]

    static func headers(_ request: TestServer.Request) -> [String: String] {
        names.reduce(into: [:]) { $0[$1] = request.header($1) }
    }

    /// Has each draft called, and stops.
    static func calls(_ drafts: [TaskDraft], _ destinations: [Configuration.Destination], _ receiver: TestServer)
        async throws -> [TaskID]
    {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, { $0.destinations = destinations }) { scheduler in
                var ids: [TaskID] = []
                for draft in drafts { ids.append(try await scheduler.accept(draft).id) }
                for id in ids { try await eventually { try await scheduler.task(id).state.isFinished } }
                return ids
            }
        }
    }

    @Test func callsOfADestinationAreSignedAndOthersAreNot() async throws {
        let receiver = TestServer { _ in .answer(http()) }
        defer { receiver.stop() }
        let before = Timestamp.now.microseconds / 1_000_000
        var signed = TaskDraft.post(receiver.url("/signed"))
        signed.body = Array("{}".utf8)
        signed.headers = [HeaderField(name: "Webhook-Id", value: "mine"), HeaderField(name: "X-A", value: "b")]
        var plain = TaskDraft.post(receiver.url("/plain"))
        plain.headers = signed.headers
        let ids = try await Self.calls(
            [signed, plain], [.init(url: receiver.url("/signed"), secrets: [Self.old])], receiver)
        let requests = Dictionary(uniqueKeysWithValues: receiver.log.requests.map { ($0.path, $0) })
        let request = try #require(requests["/signed"])
        #expect(request.lines.count { $0.lowercased().hasPrefix("webhook-id:") } == 1)
        #expect(request.header("webhook-id") == ids[0].description)
        #expect(request.header("X-A") == "b")
        let time = try #require(request.header("webhook-timestamp").flatMap { Int64($0) })
        #expect((before...Timestamp.now.microseconds / 1_000_000).contains(time))
        #expect(request.header("webhook-signature")?.hasPrefix("v1,") == true)
        #expect(request.header("webhook-request-signature") == nil)
        // A producer's own header is nothing to us where nothing is signed.
        #expect(Self.headers(try #require(requests["/plain"])) == ["webhook-id": "mine"])
    }

    /// The id stays, the time is that of the attempt.
    @Test func eachAttemptIsSignedAnew() async throws {
        let receiver = TestServer { .answer(http($0.header("X-Task-Attempt") == "1" ? 500 : 200)) }
        defer { receiver.stop() }
        var draft = TaskDraft.post(receiver.url())
        draft.retryDelays = [1.1]
        _ = try await Self.calls([draft], [.init(url: receiver.url(), secrets: [Self.old])], receiver)
        let headers = receiver.log.requests.map(Self.headers)
        try #require(headers.count == 2)
        #expect(headers[0]["webhook-id"] == headers[1]["webhook-id"])
        #expect(headers[0]["webhook-timestamp"] != headers[1]["webhook-timestamp"])
        #expect(headers[0]["webhook-signature"] != headers[1]["webhook-signature"])
    }

    // MARK: By the reference library

    struct Call: Codable {
        var secret: String
        var headers: [String: String]
        var body = ""
        /// Method and URL, when they are to be verified and not the body.
        var request: String?
    }

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let python = root.appending(path: ".build/webhooks/bin/python3").path
    static var hasLibrary: Bool { FileManager.default.isExecutableFile(atPath: python) }

    static func verify(_ calls: [Call]) async throws -> [String] {
        let input = try JSONEncoder().encode(calls)
        return try await onThread {
            let process = Process()
            process.executableURL = URL(filePath: python)
            process.arguments = [root.appending(path: "Tests/Webhooks/verify.py").path]
            let (stdin, stdout) = (Pipe(), Pipe())
            (process.standardInput, process.standardOutput) = (stdin, stdout)
            try process.run()
            try stdin.fileHandleForWriting.write(contentsOf: input)
            try stdin.fileHandleForWriting.close()
            let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return try JSONDecoder().decode([String].self, from: output)
        }
    }

    @Test(.enabled(if: hasLibrary, "scripts/install test has not installed standardwebhooks"))
    func theReferenceLibraryVerifiesThem() async throws {
        let receiver = TestServer { _ in .answer(http()) }
        defer { receiver.stop() }
        var drafts = ["POST", "PUT", "DELETE", "GET", "HEAD"].map { method in
            var draft = TaskDraft.post(receiver.url("/\(method)?a=b"))
            draft.method = method
            return draft
        }
        drafts[0].body = Array(#"{"order": "ж😀", "n": 1.0}"#.utf8)
        drafts[1].body = Array("a=1&b=%20".utf8)
        _ = try await Self.calls(
            drafts, [.init(url: receiver.url(), secrets: [Self.old, Self.new])], receiver)
        let requests = receiver.log.requests
        #expect(requests.count == drafts.count)
        // During a rotation a receiver has the one or the other.
        var calls: [Call] = []
        for (request, secret) in requests.flatMap({ request in [Self.old, Self.new, Self.foreign].map { (request, $0) }
        }) {
            let headers = Self.headers(request)
            calls.append(Call(secret: secret, headers: headers, body: String(decoding: request.body, as: UTF8.self)))
            if headers["webhook-request-signature"] != nil {
                let url = "http://\(request.header("Host")!)\(request.path)"
                calls.append(Call(secret: secret, headers: headers, request: "\(request.method) \(url)"))
            }
        }
        #expect(calls.count == 3 * (5 + 3), "those without a body are signed as requests, too")
        let verdicts = try await Self.verify(calls)
        #expect(verdicts.count == calls.count)
        for (call, verdict) in zip(calls, verdicts) {
            #expect((verdict == "verified") == (call.secret != Self.foreign), "\(call): \(verdict)")
        }
        // One byte more, and nothing is verified any more.
        for index in calls.indices {
            if calls[index].request == nil { calls[index].body += " " } else { calls[index].request! += "/" }
        }
        #expect(try await Self.verify(calls).allSatisfy { $0 != "verified" })
    }
}
