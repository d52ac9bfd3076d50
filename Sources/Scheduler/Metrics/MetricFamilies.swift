import CoreMetrics
import Synchronization

/// A counter with its labels, whose series are made when they are first needed.
package final class CounterFamily: Sendable {
    private let metric: Metric
    private let factory: any MetricsFactory
    private let series = Mutex<[[String]: Counter]>([:])

    /// - Parameter known: values of the labels that are told from the start, as 0.
    init(_ metric: Metric, _ factory: any MetricsFactory, known: [[String]] = []) {
        self.metric = metric
        self.factory = factory
        for values in metric.labels.isEmpty ? [[]] : known { add(0, values) }
    }

    /// - Parameter values: those of the labels, in order.
    package func add(_ amount: Int, _ values: String...) {
        if amount > 0 { add(amount, values) }
    }

    private func add(_ amount: Int, _ values: [String]) {
        let counter = series.withLock { series in
            if let known = series[values] { return known }
            let new = Counter(label: metric.name, dimensions: metric.dimensions(values), factory: factory)
            series[values] = new
            return new
        }
        counter.increment(by: amount)
    }
}

/// A histogram of durations with its labels.
package final class HistogramFamily: Sendable {
    private let metric: Metric
    private let factory: any MetricsFactory

    init(_ metric: Metric, _ factory: any MetricsFactory) {
        self.metric = metric
        self.factory = factory
    }

    /// What is recorded for these values of the labels.
    package func recorder(_ values: String...) -> @Sendable (Duration) -> Void {
        let timer = Timer(label: metric.name, dimensions: metric.dimensions(values), factory: factory)
        return { timer.recordNanoseconds(max(0, $0.nanoseconds)) }
    }
}

/// A gauge with its labels, whose series come and go.
package final class GaugeFamily: Sendable {
    private let metric: Metric
    private let factory: any MetricsFactory
    private let series = Mutex<[[String]: Meter]>([:])

    init(_ metric: Metric, _ factory: any MetricsFactory) {
        self.metric = metric
        self.factory = factory
    }

    /// The value of a gauge without labels; nil: it is not told until there is one.
    package func set(_ value: Double?) {
        replace(with: value.map { [([], $0)] } ?? [])
    }

    package func set(_ value: Int) {
        set(Double(value))
    }

    /// In seconds.
    package func set(_ value: Duration?) {
        set(value.map { Double($0.nanoseconds) / 1_000_000_000 })
    }

    /// Tells these and no others, by the values of their labels.
    package func replace(with values: [(labels: [String], value: Double)]) {
        series.withLock { series in
            for (labels, value) in values {
                let meter =
                    series[labels]
                    ?? Meter(label: metric.name, dimensions: metric.dimensions(labels), factory: factory)
                meter.set(value)
                series[labels] = meter
            }
            let kept = Set(values.map(\.labels))
            for (labels, meter) in series where !kept.contains(labels) {
                meter.destroy()
                series[labels] = nil
            }
        }
    }
}

extension Metric {
    fileprivate func dimensions(_ values: [String]) -> [(String, String)] {
        precondition(values.count == labels.count, "\(name) has \(labels.count) labels")
        return Array(zip(labels.map(\.name), values))
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
