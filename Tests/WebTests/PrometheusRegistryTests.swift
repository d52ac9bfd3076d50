import CoreMetrics
import Scheduler
import Testing

@testable import Web

@Suite struct PrometheusRegistryTests {
    private static func lines(_ registry: PrometheusRegistry, of name: String) -> [String] {
        registry.text.split(separator: "\n").filter { $0.hasPrefix(name) }.map(String.init)
    }

    @Test func aCounterGrows() {
        let registry = PrometheusRegistry()
        let counter = Counter(label: "schedulerd_calls_fired_total", factory: registry)
        counter.increment(by: 3)
        // The same figure.
        Counter(label: "schedulerd_calls_fired_total", factory: registry).increment(by: 4)
        #expect(Self.lines(registry, of: "schedulerd_calls_fired_total") == ["schedulerd_calls_fired_total 7"])
        #expect(registry.text.contains("# TYPE schedulerd_calls_fired_total counter\n"))
        #expect(registry.text.contains("# HELP schedulerd_calls_fired_total Calls that were made"))
    }

    @Test func durationsFallIntoBuckets() {
        let registry = PrometheusRegistry()
        let timer = Timer(
            label: "schedulerd_pool_wait_seconds", dimensions: [("pool", "engine")], factory: registry)
        for duration in [50_000, 100_000, 100_001, 3_000_000, 60_000_000_000] { timer.recordNanoseconds(duration) }
        let lines = Self.lines(registry, of: "schedulerd_pool_wait_seconds")
        #expect(lines.first == "schedulerd_pool_wait_seconds_bucket{pool=\"engine\",le=\"0.0001\"} 2")
        #expect(lines[1] == "schedulerd_pool_wait_seconds_bucket{pool=\"engine\",le=\"0.0002\"} 3")
        #expect(
            lines.suffix(4) == [
                "schedulerd_pool_wait_seconds_bucket{pool=\"engine\",le=\"10.0\"} 4",
                "schedulerd_pool_wait_seconds_bucket{pool=\"engine\",le=\"+Inf\"} 5",
                "schedulerd_pool_wait_seconds_sum{pool=\"engine\"} 60.003250001",
                "schedulerd_pool_wait_seconds_count{pool=\"engine\"} 5",
            ])
    }

    @Test func whatIsGoneIsNotTold() {
        let registry = PrometheusRegistry()
        let metrics = EngineMetrics(registry, version: "1")
        metrics.sourceMessages.replace(with: [(["a"], 1), (["b\"\\\n"], 2)])
        #expect(
            Self.lines(registry, of: "schedulerd_source_messages") == [
                "schedulerd_source_messages{key=\"a\"} 1.0", "schedulerd_source_messages{key=\"b\\\"\\\\\\n\"} 2.0",
            ])
        metrics.sourceMessages.replace(with: [(["a"], 3)])
        #expect(Self.lines(registry, of: "schedulerd_source_messages") == ["schedulerd_source_messages{key=\"a\"} 3.0"])
        metrics.leaseAge.set(.milliseconds(1500))
        #expect(Self.lines(registry, of: "schedulerd_lease_age") == ["schedulerd_lease_age_seconds 1.5"])
        metrics.leaseAge.set(nil as Duration?)
        #expect(Self.lines(registry, of: "schedulerd_lease_age").isEmpty)
    }

    @Test func whatIsNotInTheTableIsNotKept() {
        let registry = PrometheusRegistry()
        Counter(label: "hb_requests", factory: registry).increment(by: 1)
        Timer(label: "schedulerd_calls_fired_total", factory: registry).recordNanoseconds(1)
        #expect(!registry.text.contains("hb_requests"))
        #expect(Self.lines(registry, of: "schedulerd_calls_fired_total").isEmpty)
    }
}
