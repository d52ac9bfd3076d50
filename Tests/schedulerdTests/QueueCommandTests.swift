import ArgumentParser
import Scheduler
import Testing

@testable import schedulerd

struct QueueCommandTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func theWholeCommandLine() throws {
        let command = try #require(
            try Schedulerd.parseAsRoot([
                "queue", "create", "mail", "--priority", "-5", "--weight", "2", "--rate", "0.5", "--burst", "none",
                "--max-concurrency", "10", "--retries", "3", "--delays", "60,1.5", "--timeout", "700", "--success",
                #"{"statuses": [404]}"#,
            ]) as? QueueCreateCommand)
        #expect(
            text(try command.settings.document(name: command.name)) == """
                {"name":"mail","priority":-5,"weight":2,"max_concurrency":10,"rate_per_second":0.5,"burst":null,\
                "defaults":{"retry":{"max_retries":3,"delays":[60,1.5]},"timeout_ms":700,\
                "success":{"statuses":[404]}}}
                """)
    }

    @Test func whatIsNotGivenStaysAndNoneTakesAway() throws {
        let command = try #require(
            try Schedulerd.parseAsRoot(["queue", "set", "mail", "--rate", "none", "--retries", "none"])
                as? QueueSetCommand)
        #expect(text(try command.settings.document()) == #"{"rate_per_second":null,"defaults":{"retry":null}}"#)
    }

    @Test(arguments: [["--rate", "fast"], ["--delays", "1,x"], ["--success", "{"]])
    func refused(_ arguments: [String]) throws {
        let command = try #require(
            try Schedulerd.parseAsRoot(["queue", "set", "mail"] + arguments) as? QueueSetCommand)
        #expect(throws: (any Error).self) { try command.settings.document() }
    }

    @Test func aQueueIsShown() throws {
        let queue = try JSONParser.parse(
            Array(
                #"""
                {"name":"ma\u001bil","created_at":"2026-11-20T10:00:00Z","paused_at":null,"priority":1,"weight":2,
                "max_concurrency":3,"rate_per_second":0.5,"burst":null,
                "defaults":{"retry":{"max_retries":1,"delays":[5]},"timeout_ms":700,"success":null},
                "waiting":4,"overdue":3,"claimed":0,"running":2,"dead":1,"is_estimate":false,"next_due":null,
                "recent":{"calls":3,"failures":1,"classes":{"success":2,"time\u001bout":1},"duration_ms":{"p50":0.2,"p99":4294967.295},
                "lateness_ms":null}}
                """#.utf8))
        #expect(
            QueuePrinter.lines(queue: queue) == [
                #"name      ma\u{1B}il"#, "created   2026-11-20T10:00:00Z", "priority  1, weight 2",
                "limits    at most 3 at once, at most 0.5/s", "waiting   4, overdue 3, claimed 0", "running   2",
                "dead      1", #"last hour 3 calls: success 2, time\u{1B}out 1"#,
                "took      half at most 0.2 ms, 99 of 100 longer than an hour", "retry     1 times, after 5 s",
                "timeout   700 ms",
            ])
        #expect(QueuePrinter.lines(queues: .object([])) == ["no queues"])
        let page = try JSONParser.parse(Array(#"{"queues":[{"name":"a","waiting":1}],"next_cursor":"a"}"#.utf8))
        #expect(QueuePrinter.lines(queues: page).last == "there may be more: --cursor=a")
        let operation = try JSONParser.parse(Array(#"{"id":7,"state":"running","done":500,"total":9000}"#.utf8))
        #expect(QueuePrinter.lines(operation: operation) == ["operation 7 is running: 500 of about 9000 cancelled"])
    }
}
