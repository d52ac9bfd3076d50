import Foundation
import Scheduler
import Testing

/// What is refused, and how it is said.
@Suite struct ConfigurationErrorTests {
    /// A file with one mistake.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let yaml: String
        let place: ConfigurationPosition
        let key: String
        /// A part of the message.
        let says: String

        init(_ name: String, _ yaml: String, _ line: Int, _ column: Int, _ key: String, _ says: String) {
            testDescription = name
            self.yaml = yaml
            place = ConfigurationPosition(line: line, column: column)
            self.key = key
            self.says = says
        }
    }

    static let keys: [Mistake] = [
        Mistake(
            "misspelt key", "server:\n  host: ::1\n  prot: 80", 3, 3, "server.prot",
            "unknown key; did you mean \"port\"? accepted here: host, port, read_timeout"),
        Mistake("misspelt section", "sever:\n  port: 80", 1, 1, "sever", "did you mean \"server\"?"),
        Mistake("hyphen", "claim:\n  sweep-s: 5", 2, 3, "claim.sweep-s", "did you mean \"sweep_s\"?"),
        Mistake("capitals", "Server:\n  port: 80", 1, 1, "Server", "did you mean \"server\"?"),
        Mistake(
            "key at the wrong place", "heartbeat_s: 3", 1, 1, "heartbeat_s", "did you mean \"cluster.heartbeat_s\"?"),
        Mistake(
            "key of nothing known", "server:\n  xyzzy: 1", 2, 3, "server.xyzzy",
            "unknown key; accepted here: host, port"),
        Mistake(
            "nested section", "dispatch:\n  address_policy:\n    alow: []", 3, 5, "dispatch.address_policy.alow",
            "did you mean \"allow\"?"),
        Mistake(
            "duplicate key", "server:\n  port: 80\n  host: ::1\n  port: 81", 4, 3, "server.port",
            "given twice, first in line 2"),
        Mistake(
            "duplicate quoted key", "server:\n  port: 80\n  \"port\": 81", 3, 3, "server.port", "first in line 2"),
        Mistake(
            "duplicate section", "log:\n  level: info\nserver:\n  port: 1\nlog:\n  level: debug", 5, 1, "log",
            "given twice, first in line 1"),
        Mistake("duplicate key between braces", "server: {port: 80, port: 81}", 1, 10, "port", "given twice"),
        Mistake("empty key", "server:\n  \"\": 80", 2, 3, "server", "a key must be a name"),
        Mistake("list as key", "server:\n  [a, b]: 80", 2, 3, "server", "a key must be a name"),
        Mistake("merge key", "server:\n  <<: {port: 1}", 2, 3, "server.<<", "unknown key"),
        Mistake(
            "number for a section", "server: 8080", 1, 9, "server", "is a section, not a value; accepted here: host"),
        Mistake("list for a section", "server:\n  - port: 80", 2, 3, "server", "is a section, not a value"),
        Mistake(
            "section for a number", "server:\n  port:\n    a: 1", 3, 5, "server.port", "is a section here, not a value"),
    ]

    static let values: [Mistake] = [
        Mistake(
            "letter in a port", "server:\n  port: 80a0", 2, 9, "server.port",
            "\"80a0\" is not a whole number; accepted: a whole number from 0 to 65535"),
        Mistake("fraction", "server:\n  port: 80.5", 2, 9, "server.port", "is not a whole number"),
        Mistake("exponent", "server:\n  port: 8e3", 2, 9, "server.port", "is not a whole number"),
        Mistake("hexadecimal", "server:\n  port: 0x50", 2, 9, "server.port", "is not a whole number"),
        Mistake("digit groups", "server:\n  port: 8_080", 2, 9, "server.port", "is not a whole number"),
        Mistake("sign", "server:\n  port: +80", 2, 9, "server.port", "is not a whole number"),
        Mistake("unit", "cluster:\n  lease_s: 10s", 2, 12, "cluster.lease_s", "from 3 to 300 (seconds)"),
        Mistake("word", "server:\n  port: true", 2, 9, "server.port", "is not a whole number"),
        Mistake("empty text for a number", "server:\n  port: \"\"", 2, 9, "server.port", "\"\" is not a whole number"),
        Mistake("leading zero", "server:\n  port: 0080", 2, 9, "server.port", "begins with a zero"),
        Mistake("minus zero", "server:\n  max_header_bytes: -1", 2, 21, "server.max_header_bytes", "is below 1024"),
        Mistake("negative", "server:\n  port: -1", 2, 9, "server.port", "\"-1\" is below 0"),
        Mistake("too large", "server:\n  port: 65536", 2, 9, "server.port", "is above 65535"),
        Mistake("far too large", "server:\n  port: 99999999999999999999", 2, 9, "server.port", "is out of range"),
        Mistake("zero where it means nothing", "intake:\n  batch: 0", 2, 10, "intake.batch", "is below 1"),
        Mistake("list for a number", "server:\n  port: [80]", 2, 9, "server.port", "is a list, not a single value"),
        Mistake("scalar for a list", "roles: api", 1, 8, "roles", "\"api\" is a single value, not a list"),
        Mistake("no role", "roles: []", 1, 8, "roles", "is an empty list"),
        Mistake("unknown role", "roles: [api, wroker]", 1, 14, "roles", "did you mean \"worker\"?"),
        Mistake("role twice", "roles:\n- api\n- api", 3, 3, "roles", "is listed twice"),
        Mistake("list in a list", "roles: [[api]]", 1, 9, "roles", "an element is not a single value"),
        Mistake("unknown choice", "log:\n  level: inof", 2, 10, "log.level", "did you mean \"info\"?"),
        Mistake("choice in capitals", "log:\n  level: INFO", 2, 10, "log.level", "did you mean \"info\"?"),
        Mistake(
            "tls as a boolean", "master_db:\n  tls: true", 2, 8, "master_db.tls", "accepted: off, preferred, required"),
        Mistake(
            "bad range", "server:\n  trusted_proxies: [10.0.0.0/8, 10.0.0.0/33]", 2, 33, "server.trusted_proxies",
            "\"10.0.0.0/33\" is not an address range"),
        Mistake(
            "host name as range", "dispatch:\n  address_policy:\n    deny:\n      - localhost", 4, 9,
            "dispatch.address_policy.deny", "is not an address range"),
        Mistake("null in a list", "server:\n  trusted_proxies: [~]", 2, 21, "server.trusted_proxies", "\"~\" is not"),
        Mistake(
            "retry without delay", "queue:\n  retry_time_config: [1_5, 2]", 2, 28, "queue.retry_time_config",
            "\"2\" is not of the form n_seconds"),
        Mistake(
            "retry with letters", "queue:\n  retry_time_config: [1_5s]", 2, 23, "queue.retry_time_config", "n_seconds"),
        Mistake(
            "retry 0", "queue:\n  retry_time_config: [0_5]", 2, 23, "queue.retry_time_config", "retry from 1 to 100"),
        Mistake(
            "retry twice", "queue:\n  retry_time_config: [1_5, 1_6]", 2, 28, "queue.retry_time_config",
            "gives retry 1 a second time"),
        Mistake(
            "retry after years", "queue:\n  retry_time_config: [1_99999999]", 2, 23, "queue.retry_time_config",
            "is longer than 2678400 seconds"),
        Mistake(
            "retry with three parts", "queue:\n  retry_time_config: [1_5_6]", 2, 23, "queue.retry_time_config",
            "n_seconds"),
        Mistake("prefix", "master_db:\n  prefix: a-b", 2, 11, "master_db.prefix", "must not contain \"-\""),
        Mistake(
            "long prefix", "master_db:\n  prefix: \(String(repeating: "a", count: 33))", 2, 11, "master_db.prefix",
            "is longer than 32"),
        Mistake("empty host", "server:\n  host: \"\"", 2, 9, "server.host", "must not be empty"),
        Mistake("host with port", "server:\n  host: http://x", 2, 9, "server.host", "must not contain \"/\""),
        Mistake("relative socket", "master_db:\n  socket: run/x", 2, 11, "master_db.socket", "not an absolute path"),
        Mistake(
            "header injection", "dispatch:\n  user_agent: \"a\\r\\nX: b\"", 2, 15, "dispatch.user_agent",
            "must not contain \"\\r"),
        Mistake(
            "charset", "master_db:\n  db_charset: latin1", 2, 15, "master_db.db_charset", "accepted: utf8, utf8mb4"),
        Mistake("tag", "server:\n  port: !!int \"80\"", 2, 9, "server.port", "the tag"),
    ]

    static let syntax: [Mistake] = [
        Mistake("tab", "server:\n\tport: 80", 2, 1, "", "a tab at the beginning of the line; indent with spaces"),
        Mistake(
            "open bracket", "roles: [api\nserver:\n  port: 1", 2, 7, "", "not YAML: did not find expected ',' or ']'"),
        Mistake("open quotes", "server:\n  host: \"a", 2, 11, "", "not YAML: found unexpected end of stream"),
        Mistake("indentation", "server:\n  port: 80\n host: a", 3, 2, "", "not YAML"),
        Mistake("two colons", "server: port: 80", 1, 13, "", "not YAML: mapping values are not allowed"),
        Mistake("anchor", "master_db: &a\n  port: 1", 1, 12, "master_db", "anchors and aliases"),
        Mistake("alias", "server:\n  port: &p 80\nredis:\n  port: *p", 2, 9, "server.port", "anchors and aliases"),
        Mistake("unknown alias", "server:\n  port: *p", 2, 9, "", "undefined alias"),
        Mistake("two documents", "server:\n  port: 80\n---\nlog:\n", 3, 1, "", "a second document begins here"),
        Mistake("a list", "- a\n- b", 1, 1, "", "the file does not consist of sections"),
        Mistake("a text", "hello", 1, 1, "", "the file does not consist of sections"),
        Mistake("json that is not yaml", "{\"server\": {\"port\": 80", 1, 23, "", "not YAML"),
        Mistake("control character", "server:\n  host: a\u{7}b", 2, 10, "", "the character U+7 is not allowed"),
        Mistake("nul", "server:\n  host: \u{0}", 2, 9, "", "the character U+0 is not allowed"),
    ]

    static let contradictions: [Mistake] = [
        Mistake(
            "heartbeat", "cluster:\n  heartbeat_s: 5", 2, 16, "cluster.heartbeat_s",
            "5 s contradicts cluster.lease_s: 10 s (default); cluster.heartbeat_s must be less than half of lease_s"),
        Mistake("lease", "cluster:\n  lease_s: 6", 2, 12, "cluster.lease_s", "contradicts cluster.heartbeat_s: 3 s"),
        Mistake(
            "both", "cluster:\n  lease_s: 20\n  heartbeat_s: 10", 3, 16, "cluster.heartbeat_s", "(x.yaml:2:12)"),
        Mistake(
            "watermarks", "claim:\n  high_watermark: 1000\n  low_watermark: 1001", 3, 18, "claim.low_watermark",
            "must not be above high_watermark"),
        Mistake(
            "claim batch", "claim:\n  batch: 9\n  high_watermark: 8\n  low_watermark: 1", 2, 10, "claim.batch", "batch"),
        Mistake("poll", "claim:\n  lookahead_ms: 1999", 2, 17, "claim.lookahead_ms", "half of lookahead_ms"),
        Mistake("ready poll", "claim:\n  ready_poll_ms: 1001", 2, 18, "claim.ready_poll_ms", "above poll_max_ms"),
        Mistake("intake room", "intake:\n  max_waiting: 499", 2, 16, "intake.max_waiting", "above max_waiting"),
        Mistake(
            "intake connections", "master_db:\n  db_max_open_conns: 1", 2, 22, "master_db.db_max_open_conns",
            "intake.connections must not be above"),
        Mistake(
            "outcome room", "outcome:\n  max_waiting: 511", 2, 16, "outcome.max_waiting", "below dispatch.max_in_flight"
        ),
        Mistake(
            "response", "dispatch:\n  response_log_bytes: 2000\n  response_limit_bytes: 1024", 2, 23,
            "dispatch.response_log_bytes", "2000 bytes contradicts dispatch.response_limit_bytes: 1024 bytes"),
        Mistake(
            "lock wait", "master_db:\n  lock_wait_s: 30", 2, 16, "master_db.lock_wait_s", "shorter than read_timeout_ms"
        ),
        Mistake(
            "authorities without tls", "master_db:\n  tls: off\n  tls_ca: /ca.pem", 3, 11, "master_db.tls_ca",
            "tls_ca needs tls"),
        Mistake("replica", "slave_db:\n  lock_wait_s: 30", 2, 16, "slave_db.lock_wait_s", "shorter than"),
    ]

    static let entries: [Mistake] = [
        Mistake(
            "unknown key of an entry", "intake:\n  sources:\n    - key: a\n      kind: list\n      quue: b", 5, 7,
            "intake.sources[0].quue", "unknown key; did you mean \"queue\"? accepted here: key, kind, redis"),
        Mistake(
            "key twice in an entry", "intake:\n  sources:\n    - key: a\n      kind: list\n      key: b", 5, 7,
            "intake.sources[0].key", "given twice, first in line 3"),
        Mistake(
            "entry without a key", "intake:\n  sources:\n    - {key: a, kind: list}\n    - kind: list", 4, 7,
            "intake.sources[1]", "lacks the key key; accepted: text of up to 512"),
        Mistake(
            "entry without a value", "intake:\n  sources:\n    - key: a\n      kind:", 3, 7, "intake.sources[0]",
            "lacks the key kind; accepted: list, sorted_set"),
        Mistake(
            "empty key of an entry", "intake:\n  sources: [{key: \"\", kind: list}]", 2, 19, "intake.sources[0].key",
            "must not be empty"),
        Mistake(
            "unknown kind", "intake:\n  sources: [{key: a, kind: set}]", 2, 28, "intake.sources[0].kind",
            "accepted: list, sorted_set"),
        Mistake(
            "list for a value of an entry", "intake:\n  sources: [{key: [a], kind: list}]", 2, 19,
            "intake.sources[0].key", "is a list, not a single value"),
        Mistake(
            "section for a value of an entry", "intake:\n  sources: [{key: {a: b}, kind: list}]", 2, 19,
            "intake.sources[0].key", "is a section here"),
        Mistake(
            "unknown rule", "intake:\n  sources: [{key: a, kind: list, success_rule: status_2x}]", 2, 48,
            "intake.sources[0].success_rule", "did you mean \"status_2xx\"?"),
        Mistake(
            "fraction as delay", "intake:\n  sources: [{key: a, kind: list, retry_delays: [1, 2.5]}]", 2, 52,
            "intake.sources[0].retry_delays", "\"2.5\" is not a whole number"),
        Mistake(
            "scalar for a list of entries", "intake:\n  sources: queue", 2, 12, "intake.sources",
            "\"queue\" is a single value, not a list; accepted: a list of entries, each with key and kind"),
        Mistake(
            "entry for a list of entries", "intake:\n  sources:\n    key: a", 3, 5, "intake.sources",
            "is a section here, not a list"),
        Mistake(
            "text for an entry", "intake:\n  sources: [queue]", 2, 13, "intake.sources[0]",
            "is not an entry; accepted here: key, kind"),
        Mistake(
            "anchor in an entry", "intake:\n  sources: [{key: &a b, kind: list}]", 2, 19, "intake.sources[0].key",
            "anchors and aliases"),
        Mistake(
            "source twice",
            "intake:\n  sources:\n  - {key: a, kind: list}\n  - {key: a, kind: sorted_set, redis: \"redis://127.0.0.1\"}",
            4, 11, "intake.sources[1].key", "given twice, first at x.yaml:3:11; write one entry for a key of a server"),
        Mistake(
            "destination twice", "destinations:\n  - url: http://a/\n  - url: http://a/", 3, 10, "destinations[1].url",
            "given twice, first at x.yaml:2:10"),
        Mistake(
            "destination without scheme", "destinations:\n  - url: shop.example/", 2, 10, "destinations[0].url",
            "does not begin with http:// or https://"),
        Mistake(
            "destination with a query", "destinations:\n  - url: http://a/?b", 2, 10, "destinations[0].url", "a query"),
        Mistake(
            "destination with a password", "destinations:\n  - url: http://a:b@c/", 2, 10, "destinations[0].url",
            "must not hold a user name"),
        Mistake(
            "destination without host", "destinations:\n  - url: http://", 2, 10, "destinations[0].url",
            "is not the beginning of a URL"),
        Mistake(
            "secret without prefix", "destinations:\n  - {url: http://a/, secrets: [hunter2]}", 2, 32,
            "destinations[0].secrets", "the value does not begin with whsec_; accepted: a list of up to 4"),
        Mistake(
            "secret that is not Base64", "destinations:\n  - {url: http://a/, secrets: [whsec_hunter2]}", 2, 32,
            "destinations[0].secrets", "the value is not Base64 after whsec_"),
        Mistake(
            "short secret", "destinations:\n  - {url: http://a/, secrets: [whsec_aHVudGVyMg==]}", 2, 32,
            "destinations[0].secrets", "the value holds 7 bytes"),
        Mistake(
            "secret twice",
            "destinations:\n  - url: http://a/\n    secrets:\n      - whsec_\(String(repeating: "A", count: 32))\n"
                + "      - whsec_\(String(repeating: "A", count: 32))", 5, 9, "destinations[0].secrets",
            "the value is listed twice"),
        Mistake(
            "five secrets", "destinations:\n  - {url: http://a/, secrets: [\(fiveSecrets)]}", 2, 31,
            "destinations[0].secrets", "has more than 4 elements"),
        Mistake(
            "too many entries", "destinations: [\(String(repeating: "{url: x},", count: 1001))]", 1, 15, "destinations",
            "has 1001 entries; write at most 1000"),
    ]

    private static let fiveSecrets = "ABCDE".map { "whsec_" + String(repeating: $0, count: 32) }
        .joined(separator: ", ")

    @Test(arguments: keys + values + syntax + contradictions + entries)
    func oneMistakeIsOneProblemAtItsPlace(mistake: Mistake) throws {
        let problem = try #require(problems(mistake.yaml).first)
        #expect(problems(mistake.yaml).count == 1)
        #expect(problem.origin == .file("x.yaml", mistake.place))
        #expect(problem.keyPath == mistake.key)
        #expect(problem.description.contains(mistake.says), "\(problem)")
        #expect(!problem.description.contains("\n"))
    }

    @Test func messageIsOneLineWithPlaceKeyAndRemedy() {
        let yaml = "# mine\nserver:\n  port: 80a0"
        #expect(
            problems(yaml).map(\.description) == [
                "x.yaml:3:9: server.port: \"80a0\" is not a whole number; accepted: a whole number from 0 to 65535"
            ])
    }

    @Test func everyProblemIsReportedInOrder() {
        let yaml = """
            server:
              prot: 80
              host: ::1
              host: ::2
              host: ::3
            claim:
              batch: many
              sweep_s: 0
            log:
              level: info
            claim:
              batch: 5
            cluster:
              heartbeat_s: 9
            """
        let lines = problems(yaml, environment: ["SCHEDULERD_LOG_LEVEL": "loud"]).map(\.line)
        #expect(lines == [2, 4, 5, 7, 8, 11, nil, 14])
    }

    @Test func repetitionsAreReportedBesideBadSyntax() {
        #expect(problems("server:\n  port: 1\n  port: 2\nlog: [").map(\.line) == [3, 4])
    }

    @Test func countlessRepetitionsEnd() {
        let lines = problems(String(repeating: "log:\n", count: 1000)).map(\.line)
        #expect(lines == Array(1...101))
    }

    @Test func refusedValueCausesNoContradiction() {
        #expect(problems("claim:\n  high_watermark: x\n  low_watermark: 60000").count == 1)
    }

    @Test func secretIsNotRepeated() {
        let secret = String(repeating: "hunter2", count: 100)
        for problem in problems(
            "master_db:\n  db_pwd: \(secret)", environment: ["SCHEDULERD_REDIS_DB_PWD": "hunter2\n"])
        {
            #expect(!problem.description.contains("hunter2"))
        }
    }

    @Test(arguments: [
        "destinations: [{url: \"http://a\", secrets: [hunter2]}]", "destinations: [{url: x, md5_key: \"hunter2\\n\"}]",
        "intake: {sources: [{key: a, kind: list, redis: \"redis://hunter2@a\"}]}",
    ])
    func secretOfAnEntryIsNotRepeated(yaml: String) {
        #expect(!problems(yaml).isEmpty)
        for problem in problems(yaml) { #expect(!problem.description.contains("hunter2")) }
    }

    @Test func everyProblemOfEveryEntryIsReported() {
        let yaml = """
            intake:
              sources:
                - key: a
                  kind: lst
                  queue: a b
                - kind: list
                - key: c
                  kind: list
            """
        #expect(problems(yaml).map(\.line) == [4, 5, 6])
    }

    @Test func bytesThatAreNotTextAreReportedWithTheirPlace() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("server:\n  # caf".utf8 + [0xE9] + "\n  port: 80\n".utf8).write(to: file)
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: file.path, environment: [:])
        }
        #expect(error.description == "\(file.path):2:8: not UTF-8")
    }

    @Test func missingFileIsSaid() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: "no/such/file.yaml", environment: [:])
        }
        #expect(error.description == "no/such/file.yaml: cannot be read: no such file")
    }

    @Test func directoryIsSaid() throws {
        let directory = FileManager.default.temporaryDirectory.path
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: directory, environment: [:])
        }
        #expect(error.description.hasPrefix("\(directory): cannot be read: "))
        #expect(!error.description.contains("\n"))
    }

    private func problems(_ yaml: String, environment: [String: String] = [:]) -> [ConfigurationError.Problem] {
        do throws(ConfigurationError) {
            _ = try Configuration.load(yaml: yaml, name: "x.yaml", environment: environment)
            return []
        } catch {
            return error.problems
        }
    }
}
