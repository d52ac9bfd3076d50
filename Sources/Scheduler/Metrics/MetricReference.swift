/// `docs/metrics.md`, made from the table; a test holds the file equal to this.
package enum MetricReference {
    package static var markdown: String {
        var lines = [
            "# Metrics",
            "",
            "With `metrics.port` set, each instance answers `GET /metrics` there in the text format of Prometheus, on a",
            "listener of its own: by default on `127.0.0.1` only, and never on the port that producers use. Nobody has to",
            "sign in there, so leave `metrics.host` on an address that only your Prometheus reaches.",
            "",
            "```yaml",
            "scrape_configs:",
            "  - job_name: schedulerd",
            "    static_configs: [{targets: [\"127.0.0.1:9464\"]}]",
            "```",
            "",
            "- [config/prometheus/schedulerd.rules.yml](../config/prometheus/schedulerd.rules.yml) has alerts, each with what",
            "  it means and what to do; [config/grafana/schedulerd.json](../config/grafana/schedulerd.json) is a dashboard.",
            "- What counts the instance's own doing is added up over instances: `sum(rate(schedulerd_tasks_accepted_total[5m]))`.",
            "  What tells of the database is the same from each instance: `max(schedulerd_backlog_tasks)`.",
            "- The figures of the database and of Redis are asked for when somebody scrapes, at most once in 5 seconds, and",
            "  waited for 2 seconds at most. A database that is away leaves them out; the scrape still succeeds.",
            "- `schedulerd_history_list_length` and `schedulerd_oldest_transaction_seconds` need",
            "  `GRANT PROCESS ON *.* TO 'schedulerd'@'…'`; without it they are absent.",
            "- A program that embeds the library `Scheduler` gives its own `MetricsFactory` of swift-metrics instead.",
            "",
            "<!-- The tables are made from Sources/Scheduler/Metrics/MetricTable.swift; a test compares. -->",
        ]
        for section in MetricTable.sections {
            lines += ["", "## \(section.title)", "", "| Metric | Type | Meaning |", "|---|---|---|"]
            lines += section.metrics.map(row)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ metric: Metric) -> String {
        let kind =
            switch metric.kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        let labels = metric.labels.map { " `\($0.name)`: \($0.meaning)." }.joined()
        return "| `\(metric.name)` | \(kind) | \(metric.help)\(labels) |"
    }
}
