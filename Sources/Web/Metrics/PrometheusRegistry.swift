package import CoreMetrics
package import Scheduler
import Synchronization

/// Keeps the figures of the table of metrics, and writes them in the text format of Prometheus.
///
/// What is not in the table is not kept.
package final class PrometheusRegistry: MetricsFactory {
    private struct Family {
        let metric: Metric
        /// By their labels as they are written.
        var series: [String: any Series] = [:]
    }

    private let families: Mutex<[String: Family]>
    private let names: [String]

    package init(_ metrics: [Metric] = MetricTable.all) {
        names = metrics.map(\.name)
        families = Mutex(Dictionary(uniqueKeysWithValues: metrics.map { ($0.name, Family(metric: $0)) }))
    }

    /// What `Content-Type` says of `text`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All of it, in the order of the table.
    package var text: String {
        let families = families.withLock { $0 }
        var text = ""
        for name in names {
            guard let family = families[name] else { continue }
            text += "# HELP \(name) \(family.metric.help)\n# TYPE \(name) \(family.metric.kind.word)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name, labels, to: &text)
            }
        }
        return text
    }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions) { _ in CounterSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions) { _ in GaugeSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let histogram: HistogramSeries? = series(label, dimensions) { metric in
            if case .histogram(let bounds) = metric.kind { HistogramSeries(bounds: bounds) } else { nil }
        }
        return histogram ?? NOOPMetricsHandler.instance
    }

    /// Nothing in the table is one.
    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) {}

    /// The series with these labels; made when there is none. nil: not in the table, or of another kind.
    private func series<S: Series>(
        _ name: String, _ dimensions: [(String, String)], make: (Metric) -> S?
    ) -> S? {
        let labels = dimensions.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        return families.withLock { families in
            guard let family = families[name] else { return nil }
            if let known = family.series[labels] { return known as? S }
            let new = make(family.metric)
            families[name]?.series[labels] = new
            return new
        }
    }

    private func remove(_ handler: AnyObject) {
        families.withLock { families in
            for (name, family) in families {
                if let gone = family.series.first(where: { $0.value === handler }) {
                    families[name]?.series[gone.key] = nil
                }
            }
        }
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Metric.Kind {
    fileprivate var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
