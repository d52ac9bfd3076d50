package import MySQL

/// A task's identity: a UUIDv7 (RFC 9562), made at intake.
///
/// It begins with the milliseconds of its creation, so inserts stay near the right edge of the B-tree, partitions are by
/// day of creation, and an INSERT that is sent twice is recognised.
public struct TaskID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameters:
    ///   - milliseconds: of the unix epoch; 48 bits of it count.
    ///   - random: 74 bits of it count.
    package init(milliseconds: Int64, random: (UInt64, UInt64)) {
        high = UInt64(bitPattern: milliseconds) << 16 | 0x7000 | random.0 & 0x0FFF
        low = 0x8000_0000_0000_0000 | random.1 >> 2
    }

    /// The canonical form with dashes, any case.
    public init?(_ text: some StringProtocol) {
        let characters = Array(text.utf8)
        guard characters.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (index, character) in characters.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            default: return nil
            }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
            digits += 1
        }
        (high, low) = words
    }

    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        high = bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }

    package var bytes: [UInt8] {
        [high, low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    public static func < (left: TaskID, right: TaskID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// When the task was created, to the millisecond.
    package var time: Timestamp { Timestamp(microseconds: Int64(high >> 16) * 1000) }

    package static let min = TaskID(high: 0, low: 0)
    package static let max = TaskID(high: .max, low: .max)

    /// The smallest id of a task created at `time`: the bound of a time range and of a partition.
    package static func lowerBound(_ time: Timestamp) -> TaskID {
        TaskID(high: UInt64(bitPattern: Swift.max(0, time.microseconds / 1000)) << 16, low: 0)
    }
}

extension TaskID: SQLConvertible {
    package var sqlValue: SQLValue { .bytes(bytes) }

    package func writeLiteral(to script: inout Script) {
        script.write(hex: high, low)
    }
}

extension Row {
    package func taskID(_ column: Int) throws(MySQLError) -> TaskID {
        let content = try bytes(column)
        guard let id = TaskID(bytes: content) else {
            throw MySQLError(.unexpectedRow, "column \(column) holds \(content.count) bytes, a task id has 16")
        }
        return id
    }
}
