import MySQL
import Redis
import Scheduler
import TestSupport
import Testing

/// Producers and receivers of delayQS in PHP, as its documentation shows them, with php-redis and PHP's own server.
@Suite struct PHPTests {
    /// Bodies as JSON: what PHP's `json_encode` makes of them is what must come.
    static let bodies: [String] = [
        #"{"orderId":1}"#,
        #"{"z":1,"a":2,"m":3,"B":4,"10":5,"9":6}"#,
        #"{"名":"订单 超时","é":"naïve","emoji":"😀","slash":"a/b","quote":"\"\\"}"#,
        #"{"order":{"id":7,"lines":[{"sku":"x","n":2},{"sku":"y","n":1}]},"tags":["a","b"],"paid":true,"gone":false,"none":null}"#,
        "{}",
        #"{"0":"zero","1":"one"}"#,
        #"{"price":19.9,"big":9007199254740993,"negative":-5,"text":"1e3","exp":1e25,"zero":0}"#,
        #"{"html":"<a href='x'>&amp;</a>","plus":"1+1=2","percent":"100%","line":"a\nb\tc"}"#,
    ]

    private static func run(
        _ redis: TestRedis, _ database: TestDatabase, _ body: (SchedulerService) async throws -> Void
    ) async throws {
        let yaml = """
            redis: {socket: \(redis.options.socket!)}
            intake:
              sources:
                - {key: "DelayQs:job_zqueue", kind: sorted_set}
            """
        let sources = try Configuration.load(yaml: yaml, name: "test").configuration
        try await RunningScheduler.with(
            database,
            { configuration in
                configuration.roles = [.intake, .worker]
                configuration.intake = sources.intake
                configuration.redis = sources.redis
            }, body)
    }

    @Test func everyBodyArrivesAsItsProducerWroteIt() async throws {
        try await PHPReceiver.with { receiver in
            try await TestRedis.with { redis in
                try await TestDatabase.migrated { database in
                    var sent: [String] = []
                    for (number, body) in Self.bodies.enumerated() {
                        let made = try await ChildProcess.run(
                            [
                                "php", PHPReceiver.folder + "/create-order.php", redis.options.socket!,
                                "DelayQs:job_zqueue", body, receiver.url("/\(number)"), "1", PHPReceiver.privateKey,
                            ], in: receiver.scratch)
                        #expect(made.status == 0, "\(made.output)")
                        sent.append(made.output)
                    }
                    try await Self.run(redis, database) { _ in
                        try await eventually {
                            try database.count("tasks WHERE state IN (1, 2, 3)") == Self.bodies.count
                        }
                    }
                    for (number, body) in sent.enumerated() {
                        let callbacks = try receiver.callbacks("/\(number)")
                        #expect(callbacks.count == 1)
                        #expect(callbacks.first?.body == body)
                        #expect(callbacks.first?.signed == true, "\(body)")
                    }
                    #expect(try database.count("tasks WHERE state = 1") == Self.bodies.count)
                }
            }
        }
    }

    /// The receiver says no, in other words than `success`: delayQS tried again every five seconds, three times.
    @Test func aWrongSignIsRefusedAndTriedAgain() async throws {
        try await PHPReceiver.with { receiver in
            try await TestRedis.with { redis in
                try await TestDatabase.migrated { database in
                    let made = try await ChildProcess.run(
                        [
                            "php", PHPReceiver.folder + "/create-order.php", redis.options.socket!,
                            "DelayQs:job_zqueue", #"{"orderId":1}"#, receiver.url("/"), "0", "another key",
                        ], in: receiver.scratch)
                    #expect(made.status == 0, "\(made.output)")
                    try await Self.run(redis, database) { _ in
                        try await eventually { try database.count("tasks WHERE state = 2") == 1 }
                    }
                    let task = try database.connect().run("SELECT max_retries, retry_delays FROM tasks").rows[0]
                    #expect(try task.integer(0) == 3)
                    #expect(try task.text(1) == "5")
                    #expect(try receiver.callbacks("/").allSatisfy { !$0.signed })
                }
            }
        }
    }
}
