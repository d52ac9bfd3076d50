import Foundation
import Redis
import Scheduler
import TestSupport
import Testing

/// A Prometheus of Debian's package scrapes the program.
@Suite struct PrometheusTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Runs `body` beside a program with a source in Redis; it gets the ports of its API and of its metrics.
    private static func withProgram(
        _ body: (_ database: TestDatabase, _ redis: TestRedis, _ api: Int, _ metrics: Int) async throws -> Void
    ) async throws {
        try await TestDatabase.migrated { database in
            try await TestRedis.with { redis in
                try await Program.with { program in
                    let (api, metrics) = (HTTPCall.freePort(), HTTPCall.freePort())
                    try program.write(
                        database.yaml + """
                            roles: [api, intake, worker]
                            redis: {socket: \(redis.options.socket!)}
                            server: {port: \(api)}
                            metrics: {port: \(metrics)}

                            """, to: "schedulerd.yaml")
                    try await program.running("serve", "--config", program.path("schedulerd.yaml")) { _ in
                        try await eventually {
                            (try? await HTTPCall.get(port: api, "/readyz").status) == 200
                        }
                        try await body(database, redis, api, metrics)
                    }
                }
            }
        }
    }

    /// One task that gets an answer and one that gets an error.
    private static func runTasks(_ api: Int) async throws {
        for path in ["healthz", "nothing"] {
            let form = "notify_url=http://127.0.0.1:\(api)/\(path)&method_name=GET&plan_time=1600000000"
            _ = try await HTTPCall.post(port: api, "/api/task/save", form: form)
        }
        try await eventually {
            let list = try await HTTPCall.get(port: api, "/v1/tasks").body
            return list.matches(of: /"state":"(succeeded|retrying|dead)"/).count == 2
        }
    }

    @Test func theExpositionIsWellFormedAndComplete() async throws {
        try await Self.withProgram { _, _, api, metrics in
            try await Self.runTasks(api)
            let answer = try await HTTPCall.get(port: metrics, "/metrics")
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
            let lines = answer.body.split(separator: "\n")
            for metric in MetricTable.all {
                #expect(lines.contains { $0.hasPrefix("# HELP \(metric.name) ") }, "\(metric.name)")
                // Redis was looked at before it was seen empty, perhaps.
                if metric.name == "schedulerd_source_lag_seconds" { continue }
                // There is none here.
                if metric.name.hasPrefix("schedulerd_replica_") { continue }
                #expect(lines.contains { $0.hasPrefix(metric.name) }, "\(metric.name) has no value")
            }
            #expect(lines.contains("schedulerd_early_fires_total 0"))
            #expect(!lines.contains("schedulerd_calls_fired_total 0"))
            try await ScratchFolder.with { scratch in
                let checked = try await ChildProcess.run(
                    ["promtool", "check", "metrics"], input: answer.body, in: scratch)
                #expect(checked.status == 0, "\(checked.output)")
            }
            // Not on the public port, and nothing else on this one.
            #expect(try await HTTPCall.get(port: api, "/metrics").status == 404)
            #expect(try await HTTPCall.get(port: metrics, "/v1/tasks").status == 404)
            #expect(try await HTTPCall.post(port: metrics, "/metrics", form: "").status == 405)
        }
    }

    @Test func theRulesAreWellFormed() async throws {
        try await ScratchFolder.with { scratch in
            let rules = Self.root.appending(path: "config/prometheus/schedulerd.rules.yml").path
            let checked = try await ChildProcess.run(["promtool", "check", "rules", rules], in: scratch)
            #expect(checked.status == 0, "\(checked.output)")
        }
    }

    @Test func aRealPrometheusAnswersTheDashboardsQueries() async throws {
        try await Self.withProgram { _, _, api, metrics in
            try await Self.runTasks(api)
            try await ScratchFolder.with { scratch in
                let port = HTTPCall.freePort()
                try scratch.write(
                    "prometheus.yml",
                    """
                    global: {scrape_interval: 3s, scrape_timeout: 3s, evaluation_interval: 3s}
                    rule_files: ["\(Self.root.appending(path: "config/prometheus/schedulerd.rules.yml").path)"]
                    scrape_configs:
                      - {job_name: schedulerd, static_configs: [{targets: ["127.0.0.1:\(metrics)"]}]}

                    """)
                let prometheus = try ChildProcess(
                    [
                        "prometheus", "--config.file=\(scratch.path("prometheus.yml"))",
                        "--storage.tsdb.path=\(scratch.path("data"))", "--web.listen-address=127.0.0.1:\(port)",
                    ], output: scratch.path("prometheus.log"))
                defer { prometheus.signal(SIGKILL) }
                try await eventually { (try? await HTTPCall.get(port: port, "/-/ready").status) == 200 }
                let queries = try Self.queries()
                #expect(queries.count > 30)
                var unanswered = queries
                do {
                    try await eventually {
                        var left: [String] = []
                        for query in unanswered where try await !Self.hasAnswer(query, port) { left.append(query) }
                        unanswered = left
                        return left.isEmpty
                    }
                } catch is NeverHappened {
                    Issue.record("no answer to \(unanswered); \(try scratch.read("prometheus.log").suffix(2000))")
                }
                let rules = try await HTTPCall.get(port: port, "/api/v1/rules").body
                #expect(!rules.contains("\"health\":\"err\""))
                #expect(!rules.contains("\"state\":\"firing\""), "\(rules)")
            }
        }
    }

    /// Those of the dashboard, as Grafana would send them.
    private static func queries() throws -> [String] {
        let file = try Data(contentsOf: root.appending(path: "config/grafana/schedulerd.json"))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        return panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }.compactMap { $0["expr"] as? String }.map {
            $0.replacing("$job", with: "schedulerd").replacing("$__rate_interval", with: "1m")
        }
    }

    private static func hasAnswer(_ query: String, _ port: Int) async throws -> Bool {
        let escaped = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        let body = try await HTTPCall.post(port: port, "/api/v1/query", form: "query=\(escaped)").body
        #expect(body.contains("\"status\":\"success\""), "\(query): \(body)")
        return !body.contains("\"result\":[]")
    }
}
