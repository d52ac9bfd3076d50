import Foundation
import Scheduler
import Testing

/// `docs/metrics.md` says what the table of metrics says; the alerts and the dashboard name no others.
///
/// After a metric was added or changed, write the file anew with
/// `SCHEDULERD_TEST_WRITE_REFERENCE=1 swift test --filter MetricReferenceTests`.
@Suite(.serialized) struct MetricReferenceTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test func documentEqualsTable() throws {
        if ProcessInfo.processInfo.environment["SCHEDULERD_TEST_WRITE_REFERENCE"] == "1" {
            try Data(MetricReference.markdown.utf8).write(to: Self.root.appending(path: "docs/metrics.md"))
        }
        #expect(try Self.text("docs/metrics.md") == MetricReference.markdown, "see this suite's comment")
    }

    @Test func namesFollowTheConventions() {
        #expect(Set(MetricTable.all.map(\.name)).count == MetricTable.all.count)
        for metric in MetricTable.all {
            #expect(metric.name.hasPrefix("schedulerd_"))
            #expect(metric.name.allSatisfy { $0 == "_" || ("a"..."z").contains($0) }, "\(metric.name)")
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
            #expect(metric.help.hasSuffix(".") && !metric.help.contains("\n"), "\(metric.name)")
            if case .histogram(let bounds) = metric.kind {
                #expect(metric.name.hasSuffix("_seconds"))
                #expect(bounds == bounds.sorted())
            }
        }
    }

    @Test(arguments: ["config/prometheus/schedulerd.rules.yml", "config/grafana/schedulerd.json"])
    func onlyKnownMetricsAreNamed(path: String) throws {
        var known = Set(MetricTable.all.map(\.name))
        for metric in MetricTable.all {
            if case .histogram = metric.kind {
                for part in ["_bucket", "_sum", "_count"] { known.insert(metric.name + part) }
            }
        }
        let named = Set(try Self.text(path).matches(of: /schedulerd_[a-z_]+/).map { String($0.output) })
        #expect(named.subtracting(known).isEmpty)
        #expect(named.count > 10)
    }

    @Test func everyAlertIsExplained() throws {
        let operations = try Self.text("docs/operations.md")
        for alert in try Self.text("config/prometheus/schedulerd.rules.yml").matches(of: /alert: ([A-Za-z]+)/) {
            #expect(operations.contains("`\(alert.output.1)`"), "docs/operations.md lacks \(alert.output.1)")
        }
    }
}
