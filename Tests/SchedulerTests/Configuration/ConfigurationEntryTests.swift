import Scheduler
import Testing

/// Lists of mappings: `intake.sources` and `destinations`.
@Suite struct ConfigurationEntryTests {
    private func load(_ yaml: String) throws -> Configuration {
        try Configuration.load(yaml: yaml, name: "x.yaml").configuration
    }

    @Test func withoutTheKeyTheListOfTheSectionQueueIsTheSource() throws {
        let source = try #require(try load("queue:\n  key: jobs\n  max_retry_num: 2").intake.sources.first)
        #expect(source.key == "jobs")
        #expect(source.kind == .list)
        #expect(source.redis == Configuration().redis)
        #expect(source.queue == "default")
        #expect(source.successRule == .legacyJSONSuccess)
        #expect(source.retry == RetrySchedule(maxRetries: 2, delays: [.seconds(5), .seconds(15)]))
        #expect(source.failKey == nil)
    }

    @Test func anEmptyListIsNoSource() throws {
        #expect(try load("intake:\n  sources: []").intake.sources.isEmpty)
        #expect(try load("intake:\n  sources:").intake.sources.count == 1)
    }

    @Test func whatAnEntryDoesNotSayIsAsTheOldProgramsDid() throws {
        let yaml = """
            queue: {max_retry_num: 1}
            redis: {socket: /run/redis.sock, db_pwd: secret}
            intake:
              sources:
                - {key: a, kind: list}
                - {key: b, kind: sorted_set, success_rule: ~, redis: ""}
            """
        let sources = try load(yaml).intake.sources
        #expect(sources.map(\.key) == ["a", "b"])
        #expect(sources.map(\.kind) == [.list, .sortedSet])
        #expect(sources.map(\.successRule) == [.legacyJSONSuccess, .legacyContainsSuccess])
        #expect(sources[0].retry == RetrySchedule(maxRetries: 1, delays: [.seconds(5)]))
        #expect(sources[1].retry == RetrySchedule(maxRetries: 3, delays: [.seconds(5)]))
        #expect(sources.allSatisfy { $0.redis.socket == "/run/redis.sock" && $0.redis.password == "secret" })
    }

    @Test func anEntrySaysWhatDiffers() throws {
        let yaml = """
            redis: {db_max_open_conns: 3}
            intake:
              sources:
                - key: DelayQs:job_zqueue
                  kind: sorted_set
                  redis: redis://anna:p%40ss@[fd00::1]:6380/2
                  queue: orders
                  success_rule: status_2xx
                  retry_delays: [1, 2, 3, 4]
                  fail_key: DelayQs:fail_job
                - key: DelayQs:job_zqueue
                  kind: sorted_set
                  max_retries: 0
                  retry_delays: []
            """
        let sources = try load(yaml).intake.sources
        #expect(sources[0].redis.host == "fd00::1")
        #expect(sources[0].redis.port == 6380)
        #expect(sources[0].redis.database == 2)
        #expect(sources[0].redis.user == "anna")
        #expect(sources[0].redis.password == "p@ss")
        #expect(sources[0].redis.maxOpenConnections == 3)
        #expect(sources[0].queue == "orders")
        #expect(sources[0].successRule == .status2xx)
        #expect(sources[0].retry == RetrySchedule(maxRetries: 4, delays: [1, 2, 3, 4].map { .seconds($0) }))
        #expect(sources[0].failKey == "DelayQs:fail_job")
        #expect(sources[1].retry == RetrySchedule(maxRetries: 0, delays: []))
    }

    @Test func listOfRetriesFollowsTheSectionQueue() throws {
        let yaml = """
            queue: {max_retry_num: 6, retry_default_time: 60, retry_time_config: [1_5, 2_15]}
            intake:
              sources: [{key: a, kind: list, max_retries: 4}]
            """
        #expect(
            try load(yaml).intake.sources[0].retry
                == RetrySchedule(maxRetries: 4, delays: [5, 15, 60, 60].map { .seconds($0) }))
    }

    @Test func destinations() throws {
        let yaml = """
            destinations:
              - url: https://shop.example/hooks/
                secrets: [whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB]
              - {url: "http://10.0.0.1:8080", md5_key: sadhfusa7uy9iMn}
            """
        let destinations = try load(yaml).destinations
        #expect(destinations.map(\.url) == ["https://shop.example/hooks/", "http://10.0.0.1:8080"])
        #expect(destinations.map(\.secrets.count) == [2, 0])
        #expect(destinations.map(\.md5Key) == [nil, "sadhfusa7uy9iMn"])
    }

    @Test func noVariableCanGiveAList() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(
                yaml: "", name: "x.yaml", environment: ["SCHEDULERD_INTAKE_SOURCES": "[{key: a, kind: list}]"])
        }
        #expect(
            error.description == """
                SCHEDULERD_INTAKE_SOURCES: intake.sources: is a list of entries, which no variable can give; \
                write intake.sources in the configuration file
                """)
    }
}

/// The text that names a Redis server, by way of an entry.
@Suite struct RedisURLTests {
    private func redis(_ url: String) throws -> Configuration.Redis {
        let yaml = "intake:\n  sources: [{key: a, kind: list, redis: \"\(url)\"}]"
        return try Configuration.load(yaml: yaml, name: "x.yaml").configuration.intake.sources[0].redis
    }

    @Test(arguments: [
        ("redis://a", "a", 6379, 0), ("redis://a/", "a", 6379, 0), ("redis://a:1/15", "a", 1, 15),
        ("REDIS://[::1]/3", "::1", 6379, 3), ("redis://:pw@10.0.0.1:65535", "10.0.0.1", 65535, 0),
    ])
    func tcp(url: String, host: String, port: Int, database: Int) throws {
        let redis = try redis(url)
        #expect(redis.host == host)
        #expect(redis.port == port)
        #expect(redis.database == database)
        #expect(redis.socket == nil)
    }

    @Test func login() throws {
        #expect(try redis("redis://:p%3Aw@a").password == "p:w")
        #expect(try redis("redis://:p:w@a").password == "p:w")
        #expect(try redis("redis://:p@a").user == nil)
        #expect(try redis("redis://anna:p@a").user == "anna")
        #expect(try redis("redis://a@b:p@c").user == "a@b")
        #expect(try redis("redis://a").password == nil)
    }

    @Test func unixSocket() throws {
        let redis = try redis("unix://:pw@/run/a%20b.sock?db=4")
        #expect(redis.socket == "/run/a b.sock")
        #expect(redis.password == "pw")
        #expect(redis.database == 4)
        #expect(try self.redis("unix:///run/x.sock").socket == "/run/x.sock")
    }

    @Test(arguments: [
        ("localhost:6379", "has no scheme"), ("http://a", "neither redis nor unix"), ("rediss://a", "TLS"),
        ("redis://", "has no host"), ("redis://:6379", "has no host"), ("redis://a:0", "a port that is not"),
        ("redis://a:x", "a port that is not"), ("redis://a:", "a port that is not"), ("redis://a/x", "a database that"),
        ("redis://a/65536", "a database that"), ("redis://a/1/2", "a database that"),
        ("redis://pw@a", "a user without"),
        ("redis://u:@a", "an empty password"), ("redis://[::1", "lacks the ]"), ("redis://a?db=1", "must not contain"),
        ("redis://:%zz@a", "has a %"), ("unix://run/x", "no absolute path"), ("unix:///", "no absolute path"),
        ("unix:///x?y=1", "other than db=N"), ("unix:///x?db=-1", "a database that"),
        ("redis:// a", "must not contain"),
    ])
    func refused(url: String, says: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try redis(url) }
        #expect(error.problems.count == 1)
        #expect(error.description.contains(says), "\(error)")
        #expect(error.problems[0].keyPath == "intake.sources[0].redis")
    }
}
