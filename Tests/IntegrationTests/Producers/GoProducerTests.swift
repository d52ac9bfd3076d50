import MySQL
import Redis
import Scheduler
import TestSupport
import Testing

/// Messages as Go's `encoding/json` writes delay_queue's struct, on the list.
@Suite struct GoProducerTests {
    private struct Message: Sendable {
        var planTime: String
        var method = ""
        var parameter = ""
        /// nil: ten seconds after it was taken.
        var expected: String?

        func json(_ number: Int) -> String {
            #"{"notify_url":"http://127.0.0.1:1/\#(number)?a=1\u0026b=\u003c2\u003e","plan_time":"\#(planTime)","method_name":"\#(method)","notify_param":"\#(parameter)"}"#
        }
    }

    private static let messages = [
        Message(planTime: "2090-06-23T10:47:54.1728598+08:00", expected: "2090-06-23T02:47:54.172859Z"),
        Message(planTime: "2090-06-23T10:45:54.087855+08:00", expected: "2090-06-23T02:45:54.087855Z"),
        Message(planTime: "2090-06-23T11:38:50+08:00", expected: "2090-06-23T03:38:50Z"),
        Message(planTime: "2090-06-23T03:38:50.123456789Z", expected: "2090-06-23T03:38:50.123456Z"),
        Message(planTime: "2090-06-22T16:08:50.5-11:30", expected: "2090-06-23T03:38:50.5Z"),
        Message(
            planTime: "2091-01-01T00:00:00.9999999+08:00", method: "post", parameter: "a=1\\u0026n=中\\n\\u2028",
            expected: "2090-12-31T16:00:00.999999Z"),
        Message(planTime: "0001-01-01T00:00:00Z"),
        Message(planTime: "2020-06-23T10:47:54.1728598+08:00"),
        Message(planTime: "1969-12-31T23:59:59.9999999+08:00"),
    ]

    @Test func allHaveTheRightPlanTime() async throws {
        try await TestRedis.with { redis in
            try await TestDatabase.migrated { database in
                for (number, message) in Self.messages.enumerated() {
                    try redis.connect().run(["RPUSH", "delay_queue_task", message.json(number)])
                }
                let before = Timestamp.now
                try await RunningScheduler.with(
                    database,
                    { configuration in
                        // No role that would call them.
                        configuration.roles = [.intake]
                        configuration.redis.socket = redis.options.socket
                        for index in configuration.intake.sources.indices {
                            configuration.intake.sources[index].redis.socket = redis.options.socket
                        }
                    },
                    { _ in try await eventually { try database.count("tasks") == Self.messages.count } })
                let after = Timestamp.now
                let connection = try database.connect()
                for (number, message) in Self.messages.enumerated() {
                    let url = "http://127.0.0.1:1/\(number)?a=1&b=<2>"
                    let row = try #require(
                        connection.run("SELECT plan_time, method, body FROM tasks WHERE url = \(url)").rows.first)
                    let planTime = try row.time(0)
                    if let expected = message.expected {
                        #expect(planTime == Timestamp(rfc3339: expected), "\(message.planTime)")
                    } else {
                        #expect(planTime >= before + .seconds(9) && planTime <= after + .seconds(11))
                    }
                    #expect(try row.text(1) == (message.method.isEmpty ? "GET" : "POST"))
                    if message.method == "post" { #expect(try row.text(2) == "a=1&n=中\n\u{2028}") }
                }
                #expect(try database.count("quarantine") == 0)
            }
        }
    }
}
