import MySQL
import Redis
import TestSupport
import Testing

/// The old programs' own configuration files start schedulerd, and their producers' tasks are called.
@Suite struct OldProgramsTests {
    /// `config/config.yaml` of delay_queue, with its comments in other words.
    private static let delayQueue = """
        server:
          host: 0.0.0.0
          port: 8080
          read_timeout: 10 #超时秒数
          write_timeout: 10
          max_header_bytes: 0 #0: 1<<20
          views_pattern: view/*/*.html
          left_delims:  #左
          right_delims: #右
          env: release #release/debug/test
        static_version: #静态文件
          js: 0.0.0
          css: 0.0.0
        master_db:
          host: 127.0.0.1
          port: 3306
          db_name: gin
          db_user: root
          db_pwd: root
          prefix: hs_
          db_charset: utf8
          db_max_open_conns: 20 #最大连接数
          db_max_idle_conns: 10
          db_max_lifetime_conns: 7200
        slave_db:
          host: 127.0.0.1
          port: 3306
          db_name: gin
          db_user: root
          db_pwd: root
          prefix: hs_
          db_charset: utf8
          db_max_open_conns: 20
          db_max_idle_conns: 10
          db_max_lifetime_conns: 7200
        redis:
          host: 127.0.0.1
          port: 6379
          #db_name: 0
          #db_pwd:
          db_max_open_conns: 20
          db_max_idle_conns: 0
          db_max_lifetime_conns: 0
        session:
          key_pairs: secret
          name: GOSESSIONID
        queue:
          key: delay_queue_task #队列
          slot: 60
          time_interval: 10
          max_retry_num: 6
          retry_default_time: 60
          retry_time_config: [1_5,2_15,3_30,4_180,5_3600,6_7200] #重试
        """

    /// `conf/config.json` of delayQS, with another server.
    private static func delayQS(_ redis: String, key: String = "DelayQs:job_zqueue") -> String {
        """
        {
          "redis": "\(redis)",
          "connections": 4,
          "concurrency": 2,
          "startTime": 0,
          "key": "\(key)",
          "retryIdKey": "DelayQs:retry_id",
          "bodyKey": "DelayQs:body",
          "failKey": "DelayQs:fail_job",
          "maxRetryNum": 3,
          "retryInterval" : 5,
          "pid" : "/var/log/delayQs/delayqs.pid"
        }
        """
    }

    private static func job(_ callback: String) -> String {
        #"{"body":{"orderId":1},"callback":"\#(callback)","sign":"c4ca"}"#
    }

    /// What of the old file is not so on the machine of the test.
    private func environment(_ database: TestDatabase, _ redis: TestRedis) -> [String: String] {
        [
            "SCHEDULERD_SERVER_PORT": "0", "SCHEDULERD_REDIS_SOCKET": redis.options.socket ?? "",
            "SCHEDULERD_MASTER_DB_SOCKET": database.options.socket ?? "",
            "SCHEDULERD_MASTER_DB_DB_USER": database.options.user,
            "SCHEDULERD_MASTER_DB_DB_PWD": database.options.password,
            "SCHEDULERD_MASTER_DB_DB_NAME": database.options.database ?? "",
        ]
    }

    private func warnings(_ program: Program) -> [String] {
        program.text("errors").split(separator: "\n").filter { $0.contains("has no meaning") }.map(String.init)
    }

    @Test func delayQueue() async throws {
        let server = TestServer { _ in .answer(http(body: #"{"success": true}"#)) }
        defer { server.stop() }
        try await TestDatabase.with { database in
            try await TestRedis.with { redis in
                try await Program.with(environment: environment(database, redis)) { program in
                    let config = try program.write(Self.delayQueue, to: "config.yaml")
                    #expect(try await program.run("migrate", "up", "--config", config).status == 0)
                    try redis.connect().run([
                        "RPUSH", "delay_queue_task",
                        #"{"notify_url":"\#(server.url("/paid"))","plan_time":"2020-06-23T10:45:54.087855+08:00","method_name":"post","notify_param":"a=b"}"#,
                    ])
                    try await program.running("serve", "--config", config) { _ in
                        var arrivals = server.arrivals.makeAsyncIterator()
                        let request = await arrivals.next()
                        #expect(request?.path == "/paid")
                        #expect(request.map { String(decoding: $0.body, as: UTF8.self) } == "a=b")
                    }
                    #expect(warnings(program).count == 7, "\(program.text("errors"))")
                }
            }
        }
    }

    @Test func delayQSWithoutAnyOtherFile() async throws {
        let server = TestServer { _ in .answer(http(body: "it is a Success")) }
        defer { server.stop() }
        try await TestDatabase.migrated { database in
            try await TestRedis.with { redis in
                try await Program.with(environment: environment(database, redis)) { program in
                    let url = "unix://\(redis.options.socket ?? "")?db=3"
                    let config = try program.write(Self.delayQS(url), to: "config.json")
                    var options = redis.options
                    options.database = 3
                    let producer = try Redis.Connection(options)
                    try producer.run(["ZADD", "DelayQs:job_zqueue", 1, Self.job(server.url("/1"))])
                    try await program.running("serve", "--delayqs-config", config) { _ in
                        var arrivals = server.arrivals.makeAsyncIterator()
                        let request = await arrivals.next()
                        #expect(
                            request.map { String(decoding: $0.body, as: UTF8.self) }
                                == "body=%7B%22orderId%22%3A1%7D&sign=c4ca")
                        // The file is watched, as delayQS did.
                        try program.write(Self.delayQS(url, key: "jobs"), to: "config.json")
                        try await eventually { program.text("errors").contains("applied keys=intake.sources\n") }
                        try producer.run(["ZADD", "jobs", 1, Self.job(server.url("/2"))])
                        #expect(await arrivals.next()?.path == "/2")
                        try program.write(Self.delayQS("redis:/x"), to: "config.json")
                        try await eventually { program.text("errors").contains("\(config):2:12: redis: the value has") }
                    }
                    #expect(warnings(program).count == 6)
                }
            }
        }
    }

    /// A Redis that knows users, by TCP and with a database number.
    @Test func aSourceMayNeedAUser() async throws {
        let server = TestServer { _ in .answer(http(body: "success")) }
        defer { server.stop() }
        try await TestDatabase.migrated { database in
            try await TestRedis.with(tcp: true) { redis in
                let root = try redis.connect()
                try root.run(["ACL", "SETUSER", "anna", "on", ">p@ss/word", "~jobs*", "+@all", "-@dangerous"])
                try root.run(["ACL", "SETUSER", "default", "off"])
                try await Program.with(environment: environment(database, redis)) { program in
                    let port = try #require(redis.tcpOptions?.port)
                    let yaml = """
                        roles: [intake, worker]
                        intake:
                          sources:
                            - key: jobs
                              kind: sorted_set
                              redis: redis://anna:p%40ss%2Fword@127.0.0.1:\(port)/2
                        """
                    let config = try program.write(yaml, to: "config.yaml")
                    var options = redis.options
                    (options.user, options.password, options.database) = ("anna", "p@ss/word", 2)
                    try Redis.Connection(options).run(["ZADD", "jobs", 1, Self.job(server.url("/1"))])
                    try await program.running("serve", "--config", config) { _ in
                        var arrivals = server.arrivals.makeAsyncIterator()
                        #expect(await arrivals.next()?.path == "/1")
                    }
                    #expect(!program.text("errors").contains("p@ss"))
                }
            }
        }
    }
}
