import Scheduler
import Testing

/// The configuration file of the delayQS program, as it is.
@Suite struct DelayQSFileTests {
    static let file = """
        {
          "redis": "redis://localhost:6379/",
          "connections": 4,
          "concurrency": 2,
          "startTime": 0,
          "key": "DelayQs:job_zqueue",
          "retryIdKey": "DelayQs:retry_id",
          "bodyKey": "DelayQs:body",
          "failKey": "DelayQs:fail_job",
          "maxRetryNum": 3,
          "retryInterval" : 5,
          "pid" : "/var/log/delayQs/delayqs.pid"
        }
        """

    private func load(_ json: String, yaml: String? = nil, environment: [String: String] = [:]) throws
        -> Configuration.Loaded
    {
        try ConfigurationInput(
            file: yaml.map { _ in "x.yaml" }, delayQSFile: "conf/config.json", environment: environment
        ).check(
            ConfigurationInput.Content(
                file: yaml.map { .bytes(Array($0.utf8)) }, delayQSFile: .bytes(Array(json.utf8))))
    }

    private func problems(_ json: String, yaml: String? = nil) -> [String] {
        do {
            _ = try load(json, yaml: yaml)
            return []
        } catch {
            return (error as? ConfigurationError)?.problems.map(\.description) ?? ["\(error)"]
        }
    }

    @Test func theFileIsOneMoreSource() throws {
        let sources = try load(Self.file).configuration.intake.sources
        #expect(sources.map(\.key) == ["delay_queue_task", "DelayQs:job_zqueue"])
        #expect(sources.map(\.kind) == [.list, .sortedSet])
        #expect(sources[1].redis.host == "localhost")
        #expect(sources[1].redis.port == 6379)
        #expect(sources[1].redis.database == 0)
        #expect(sources[1].successRule == .legacyContainsSuccess)
        #expect(sources[1].retry == RetrySchedule(maxRetries: 3, delays: [.seconds(5)]))
        #expect(sources[1].failKey == "DelayQs:fail_job")
    }

    @Test func everyKeyWithoutMeaningIsWarnedOfOnce() throws {
        #expect(
            try load(Self.file).warnings == [
                "conf/config.json:3:3: connections: has no meaning for schedulerd; ignored",
                "conf/config.json:4:3: concurrency: has no meaning for schedulerd; ignored",
                "conf/config.json:5:3: startTime: has no meaning for schedulerd; ignored",
                "conf/config.json:7:3: retryIdKey: has no meaning for schedulerd; ignored",
                "conf/config.json:8:3: bodyKey: has no meaning for schedulerd; ignored",
                "conf/config.json:12:3: pid: has no meaning for schedulerd; ignored",
            ])
    }

    @Test(arguments: [
        #"{"redis":"redis:\/\/:p\u0077@10.0.0.1:6380\/7","key":"k","maxRetryNum":3,"retryInterval":5}"#,
        "{\n\t\"redis\" : \"redis://h:pw@10.0.0.1:6380/7\",\r\n\t\"key\" : \"k\", \"maxRetryNum\": \"3\", \"x\": null }",
    ])
    func otherWaysToWriteIt(json: String) throws {
        let json = json.replacing(", \"x\": null", with: "")
        let source = try #require(try load(json).configuration.intake.sources.last)
        #expect(source.redis.host == "10.0.0.1")
        #expect(source.redis.port == 6380)
        #expect(source.redis.database == 7)
        // As delayQS did: the password alone, whatever name stands before it.
        #expect(source.redis.user == nil)
        #expect(source.redis.password == "pw")
        #expect(source.retry == RetrySchedule(maxRetries: 3, delays: [.seconds(5)]))
    }

    @Test func otherRetries() throws {
        let json = #"{"redis": "redis://a", "key": "k", "maxRetryNum": 0, "retryInterval": 60}"#
        let source = try #require(try load(json).configuration.intake.sources.last)
        #expect(source.retry == RetrySchedule(maxRetries: 0, delays: [.seconds(60)]))
        #expect(source.failKey == nil)
    }

    @Test func theFileIsBesideTheSourcesOfTheOther() throws {
        let one = try load(Self.file, yaml: "intake:\n  sources: [{key: a, kind: list}]").configuration.intake.sources
        #expect(one.map(\.key) == ["a", "DelayQs:job_zqueue"])
        let none = try load(Self.file, yaml: "intake:\n  sources: []").configuration.intake.sources
        #expect(none.map(\.key) == ["DelayQs:job_zqueue"])
        let environment = ["SCHEDULERD_QUEUE_KEY": "jobs"]
        let standard = try load(Self.file, yaml: "", environment: environment).configuration.intake.sources
        #expect(standard.map(\.key) == ["jobs", "DelayQs:job_zqueue"])
    }

    @Test(arguments: [
        ("", "conf/config.json:1:1: the file is not an object of JSON; accepted here: redis, key"),
        ("[1]", "conf/config.json:1:1: the file is not an object of JSON"),
        ("{}", "conf/config.json:1:1: lacks the key redis; accepted: redis://"),
        (
            "{\"redis\": \"redis://a\", \"key\": \"k\",\n \"maxRetryNum\": \"many\"}",
            "conf/config.json:2:17: maxRetryNum: "
        ),
        ("{\"redis\": \"redis://a\", \"key\": \"k\",\n \"maxRetryNumber\": 1}", "did you mean \"maxRetryNum\"?"),
        ("{\"redis\": \"redis://a\",\n \"key\": \"k\",\n \"key\": \"l\"}", "conf/config.json:3:2: key: given twice"),
        ("{\"redis\": \"localhost:6379\", \"key\": \"k\"}", "conf/config.json:1:11: redis: the value has no scheme"),
        ("{\"redis\": \"redis://a\", \"key\": \"k\"", "conf/config.json:1:34: not YAML"),
    ])
    func mistakes(json: String, says: String) {
        let problems = problems(json)
        #expect(problems.contains { $0.contains(says) }, "\(problems)")
    }

    @Test func bothFilesAreReported() {
        let problems = problems("{}", yaml: "server:\n  prot: 1")
        #expect(problems.map { $0.prefix(12) } == ["x.yaml:2:3: ", "conf/config.", "conf/config."])
    }

    @Test func aSourceOfBothFilesIsGivenTwice() {
        let yaml = "redis: {host: localhost}\nintake:\n  sources: [{key: \"DelayQs:job_zqueue\", kind: list}]"
        #expect(
            problems(Self.file, yaml: yaml) == [
                "conf/config.json:6:10: intake.sources[1].key: given twice, first at x.yaml:3:19; "
                    + "write one entry for a key of a server"
            ])
    }

    @Test func missingFileIsSaid() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ConfigurationInput(file: nil, delayQSFile: "no/such.json").load()
        }
        #expect(error.description == "no/such.json: cannot be read: no such file")
    }
}
