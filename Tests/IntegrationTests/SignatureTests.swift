import Foundation
import Glibc
import MySQL
import Scheduler
import TestSupport
import Testing

/// Signed calls to real receivers. One after the other: each has a scheduler of its own.
@Suite(.serialized) struct SignatureTests {
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
        let input = String(decoding: try JSONEncoder().encode(calls), as: UTF8.self)
        return try await ScratchFolder.with { scratch in
            let script = root.appending(path: "Tests/Webhooks/verify.py").path
            let run = try await ChildProcess.run([python, script], input: input, in: scratch)
            #expect(run.status == 0, "\(run.output)")
            return try JSONDecoder().decode([String].self, from: Data(run.output.utf8))
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

    // MARK: By the manual

    /// Runs a receiver as docs/signatures.md has it.
    static func withReceiver(_ language: String, secrets: [String], _ body: (String) async throws -> Void) async throws
    {
        let manual = try String(contentsOf: root.appending(path: "docs/signatures.md"), encoding: .utf8)
        let start = try #require(manual.firstRange(of: "```\(language)\n")).upperBound
        let code = manual[start..<(try #require(manual[start...].firstRange(of: "```")).lowerBound)]
        try await ScratchFolder.with { scratch in
            try scratch.write("receiver", String(code))
            let port = HTTPCall.freePort()
            let url = "http://127.0.0.1:\(port)"
            let command =
                language == "php"
                ? ["php", "-S", "127.0.0.1:\(port)", scratch.path("receiver")]
                : ["python3", scratch.path("receiver"), "\(port)"]
            let process = try ChildProcess(
                command, environment: ["WEBHOOK_SECRETS": secrets.joined(separator: " "), "BASE_URL": url],
                output: scratch.path("log"))
            defer { process.signal(SIGKILL) }
            // Until then nobody listens.
            try await eventually { (try? await HTTPCall.post(port: port, "/", form: "")) != nil }
            try await body(url)
        }
    }

    @Test(arguments: ["php", "python"]) func theReceiversOfTheManualTellSignedCallsFromOthers(language: String)
        async throws
    {
        try await Self.withReceiver(language, secrets: [Self.foreign, Self.new]) { url in
            let drafts = ["/signed", "/signed/x?a=b%20c&d=/../%C3%A9", "/plain", "/plain?a", "/other", "/other?a"].map {
                path in
                var draft = TaskDraft.post(url + path)
                draft.maxRetries = 0
                if path.contains("?") { draft.method = "GET" } else { draft.body = Array("a=1&b=ж".utf8) }
                return draft
            }
            let destinations = [
                Configuration.Destination(url: url + "/signed", secrets: [Self.old, Self.new]),
                // A secret that the receiver does not know.
                Configuration.Destination(url: url + "/other", secrets: [Self.old]),
            ]
            try await TestDatabase.migrated { database in
                try await RunningScheduler.with(database, { $0.destinations = destinations }) { scheduler in
                    for draft in drafts {
                        let id = try await scheduler.accept(draft).id
                        try await eventually { try await scheduler.task(id).state.isFinished }
                        let status = try await scheduler.attempts(of: id, after: 0, limit: 1).first?.status
                        #expect(status == (draft.url!.contains("/signed") ? 200 : 401), "\(draft.url!)")
                    }
                }
            }
        }
    }
}
