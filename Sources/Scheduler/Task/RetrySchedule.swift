import MySQL

/// How often and after which pauses a failed task is tried again.
public struct RetrySchedule: Sendable, Equatable {
    /// Retries after the first attempt.
    public var maxRetries: Int
    /// The pause before retry 1, 2, …, counted from the end of the failed attempt. The last one repeats; with none, a
    /// retry follows at once.
    public var delays: [Duration]

    public init(maxRetries: Int, delays: [Duration]) {
        self.maxRetries = maxRetries
        self.delays = delays
    }

    /// - Parameter failures: attempts made and failed, 1 or more.
    /// - Returns: the pause before the next attempt, nil when there is none left.
    public func delay(afterFailures failures: Int) -> Duration? {
        guard failures <= maxRetries else { return nil }
        return delays.isEmpty ? .zero : delays[min(failures, delays.count) - 1]
    }

    /// Seconds with up to three decimals, comma separated: the form in `tasks.retry_delays`.
    package var delayText: String {
        delays.map(Self.secondsText).joined(separator: ",")
    }

    package static func delays(fromText text: String) -> [Duration] {
        text.split(separator: ",").compactMap { Double($0) }.map { .milliseconds(Int64(($0 * 1000).rounded())) }
    }

    package static func secondsText(_ delay: Duration) -> String {
        let milliseconds = delay.microseconds / 1000
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        guard rest != 0 else { return "\(seconds)" }
        var fraction = String(1000 + rest).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(seconds).\(fraction)"
    }
}
