/// A point in time: microseconds since 1970-01-01T00:00:00Z, the resolution of `DATETIME(6)`.
public struct Timestamp: Sendable, Hashable, Comparable {
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// `DATETIME` holds the years 1000 to 9999; outside them a value is no longer exact on either server.
    public static let range =
        Timestamp(
            microseconds: -30_610_224_000_000_000)...Timestamp(
            microseconds: 253_402_300_799_999_999
        )
}

extension Timestamp {
    public static func + (time: Timestamp, offset: Duration) -> Timestamp {
        Timestamp(microseconds: time.microseconds + offset.microseconds)
    }

    public static func - (time: Timestamp, offset: Duration) -> Timestamp {
        Timestamp(microseconds: time.microseconds - offset.microseconds)
    }

    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .microseconds(left.microseconds - right.microseconds)
    }
}

extension Duration {
    /// Whole microseconds, rounded toward zero.
    public var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
