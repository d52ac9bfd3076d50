import ArgumentParser
import MySQL
import Scheduler
import Testing

@testable import schedulerd

struct DelayTextTests {
    @Test(
        arguments: [
            ("250ms", 250_000), ("5s", 5_000_000), ("10m", 600_000_000), ("2h", 7_200_000_000), ("1d", 86_400_000_000),
            ("1h30m", 5_400_000_000), ("1.5h", 5_400_000_000), ("0s", 0), ("1d2h3m4s5ms", 93_784_005_000),
            ("0.001s", 1000),
        ] as [(String, Int64)])
    func accepted(_ text: String, _ microseconds: Int64) {
        #expect(DelayText(argument: text)?.duration == .microseconds(microseconds))
    }

    @Test(arguments: [
        "", "5", "s", "5x", "-5s", "+5s", "5 s", " 5s", "5s ", "1h30", "1..5s", ".5s", "5.s", "5S", "٥s", "1e3s",
        "999999999999999d", "5s,", "ms5",
    ])
    func refused(_ text: String) {
        #expect(DelayText(argument: text) == nil)
    }
}

struct ScheduleAddCommandTests {
    @Test func followUps() throws {
        let arguments = [
            "schedule", "add", "a", "--every", "1h", "--url", "u", "--on-failure", "http://a.test/failed",
        ]
        let command = try #require(try Schedulerd.parseAsRoot(arguments) as? ScheduleAddCommand)
        let document = try JSONParser.parse(try command.document())
        #expect(document["task"]?["on_failure"]?["request"]?["url"]?.text == "http://a.test/failed")
        #expect(throws: (any Error).self) { try Schedulerd.parseAsRoot(arguments + ["--on-success", "{"]) }
    }
}

struct TaskEditCommandTests {
    private func text(_ arguments: String...) throws -> String {
        let command = try #require(try Schedulerd.parseAsRoot(["task", "edit", "1"] + arguments) as? TaskEditCommand)
        let document = try command.document(now: Timestamp(microseconds: 1_795_168_800_000_000))
        return String(decoding: document, as: UTF8.self)
    }

    @Test func onlyWhatIsGivenIsChanged() throws {
        #expect(try text("--in", "5s") == #"{"plan_time":"2026-11-20T10:00:05Z"}"#)
        #expect(try text("--at", "1795168800.5") == #"{"plan_time":1795168800.5}"#)
        #expect(try text("--url", "u", "--body", "") == #"{"request":{"url":"u","body":""}}"#)
        #expect(try text("--expires-at", "never") == #"{"expires_at":null}"#)
        #expect(try text("--on-success", "u") == #"{"on_success":{"request":{"url":"u"}}}"#)
    }

    @Test(arguments: [["--at", "1", "--in", "1s"], ["--if-version", "x"], ["--on-failure", "{"]])
    func refused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Schedulerd.parseAsRoot(["task", "edit", "1"] + arguments) }
    }
}

/// What the commands make of the server's documents.
struct ClusterPrinterTests {
    private func json(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    @Test func instances() throws {
        let line = InstanceListCommand.line(
            try json(
                #"{"incarnation":7,"state":"alive","name":"a\u001b","version":"1","claimed":2,"running":3,"started_at":"t"}"#
            ))
        #expect(line.split(separator: " ").prefix(2) == ["7", "alive"])
        #expect(line.contains("claimed 2  running 3  since t") && !line.contains("\u{1B}"))
    }

    @Test func auditEvents() throws {
        let line = AuditListCommand.line(
            try json(#"{"at":"t","actor":"key:shop","action":"task.cancel","subject":"1"}"#))
        #expect(line.split(separator: " ") == ["t", "key:shop", "task.cancel", "1"])
    }
}

struct TaskAddCommandTests {
    private func document(_ arguments: String...) throws -> JSONValue {
        let command = try #require(try Schedulerd.parseAsRoot(["task", "add"] + arguments) as? TaskAddCommand)
        return try JSONParser.parse(try command.document(now: Timestamp(microseconds: 1_795_168_800_000_000)))
    }

    @Test func theWholeCommandLine() throws {
        let document = try document(
            "--url", "http://a.test/", "--in", "5s", "--method", "PUT", "--header", "A: b:c", "--header", "B:",
            "--body",
            "é", "--queue", "q", "--retries", "0", "--label", "k=v=w",
            "--success", #" {"statuses": [404]} "#)
        var writer = JSONWriter()
        writer.value(document)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == """
                {"plan_time":"2026-11-20T10:00:05Z","queue":"q","request":{"url":"http://a.test/","method":"PUT",\
                "headers":{"A":"b:c","B":""},"body":"é"},"success":{"statuses":[404]},\
                "retry":{"max_retries":0},"labels":{"k":"v=w"}}
                """)
    }

    @Test func expiryAndFollowUps() throws {
        let document = try document(
            "--url", "u", "--expires-in", "1h", "--on-success", "http://a.test/done", "--on-failure",
            #"{"request": {"url": "http://a.test/failed"}, "delay_s": 5}"#)
        #expect(document["expires_at"]?.text == "2026-11-20T11:00:00Z")
        #expect(document["on_success"]?["request"]?["url"]?.text == "http://a.test/done")
        #expect(document["on_failure"]?["delay_s"]?.integer == 5)
        #expect(try self.document("--url", "u", "--expires-at", "5")["expires_at"] == .number("5"))
        #expect(try self.document("--url", "u")["expires_at"] == nil)
    }

    @Test func timesAreTextOrNumber() throws {
        #expect(try document("--url", "u")["plan_time"]?.text == "2026-11-20T10:00:00Z")
        #expect(try document("--url", "u", "--at", "1795168800.5")["plan_time"] == .number("1795168800.5"))
        #expect(try document("--url", "u", "--at", "2026-11-20T10:00:00Z")["plan_time"]?.text == "2026-11-20T10:00:00Z")
        #expect(try document("--url", "u", "--at", "soon")["plan_time"]?.text == "soon")
    }

    @Test(arguments: [
        ["--url", "u", "--expires-in", "5s", "--expires-at", "5"], ["--url", "u", "--on-success", "{"],
        ["--in", "5s"], ["--url", "u", "--in", "5"], ["--url", "u", "--in", "5s", "--at", "5"],
        ["--url", "u", "--header", "nocolon"], ["--url", "u", "--header", ": x"], ["--url", "u", "--label", "=x"],
        ["--url", "u", "--label", "a=1", "--label", "a=2"], ["--url", "u", "--retries", "many"],
        ["--url", "u", "--body", "a", "--body-file", "b"], ["--url", "u", "--success", "{"],
        ["--url", "u", "--success", "status_2xx"],
    ])
    func refused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Schedulerd.parseAsRoot(["task", "add"] + arguments) }
    }
}

struct CommandTests {
    @Test(arguments: [("a", "a"), ("a b&c=d/é", "a%20b%26c%3Dd%2F%C3%A9"), ("~-._", "~-._"), ("\n", "%0A")])
    func escapes(_ text: String, _ escaped: String) {
        #expect(APIClient.escape(text) == escaped)
    }

    @Test func aProblemIsALineForEachField() throws {
        let problem = try JSONParser.parse(
            Array(#"{"detail":"2 fields","errors":[{"field":"a","detail":"x"},{"field":"b","detail":"y"}]}"#.utf8))
        #expect(ServerOptions.lines(problem: problem, status: 422) == ["schedulerd: a: x", "schedulerd: b: y"])
        #expect(
            ServerOptions.lines(problem: .object([]), status: 500) == [
                "schedulerd: the server answered with status 500"
            ])
    }

    /// Every command says by example how it is used.
    @Test func everyCommandHasExamples() {
        func check(_ command: any ParsableCommand.Type) {
            let configuration = command.configuration
            #expect(!configuration.abstract.isEmpty)
            #expect(configuration.discussion.contains("schedulerd "), "\(command)")
            for inner in configuration.subcommands { check(inner) }
        }
        check(Schedulerd.self)
    }
}
