import CoreMetrics
import Synchronization

/// A figure with certain labels.
protocol Series: AnyObject, Sendable {
    /// - Parameter labels: `name="value"` with commas; empty: none.
    func write(_ name: String, _ labels: String, to text: inout String)
}

final class CounterSeries: Series, CounterHandler {
    private let total = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        total.add(amount, ordering: .relaxed)
    }

    func reset() {
        total.store(0, ordering: .relaxed)
    }

    func write(_ name: String, _ labels: String, to text: inout String) {
        text += "\(name)\(braced(labels)) \(total.load(ordering: .relaxed))\n"
    }
}

final class GaugeSeries: Series, MeterHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) {
        set(Double(value))
    }

    func set(_ value: Double) {
        self.value.withLock { $0 = value }
    }

    func increment(by amount: Double) {
        value.withLock { $0 += amount }
    }

    func decrement(by amount: Double) {
        value.withLock { $0 -= amount }
    }

    func write(_ name: String, _ labels: String, to text: inout String) {
        text += "\(name)\(braced(labels)) \(value.withLock { $0 })\n"
    }
}

/// Durations, in seconds, by fixed buckets.
final class HistogramSeries: Series, TimerHandler {
    private struct State {
        /// Those up to each bound and above the one before it; the last is for what is longer.
        var counts: [Int]
        var nanoseconds: Int64 = 0
    }

    private let bounds: [Double]
    private let nanosecondBounds: [Int64]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        nanosecondBounds = bounds.map { Int64(($0 * 1_000_000_000).rounded()) }
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) {
        let bucket = nanosecondBounds.firstIndex { duration <= $0 } ?? nanosecondBounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.nanoseconds &+= duration
        }
    }

    func write(_ name: String, _ labels: String, to text: inout String) {
        let state = state.withLock { $0 }
        let lead = labels.isEmpty ? "" : labels + ","
        var total = 0
        for (count, bound) in zip(state.counts, bounds.map { "\($0)" } + ["+Inf"]) {
            total += count
            text += "\(name)_bucket{\(lead)le=\"\(bound)\"} \(total)\n"
        }
        text += "\(name)_sum\(braced(labels)) \(Double(state.nanoseconds) / 1_000_000_000)\n"
        text += "\(name)_count\(braced(labels)) \(total)\n"
    }
}

private func braced(_ labels: String) -> String {
    labels.isEmpty ? "" : "{\(labels)}"
}
