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

    /// Where the canonical form has them.
    private static func isDash(_ index: Int) -> Bool { index == 8 || index == 13 || index == 18 || index == 23 }

    /// The canonical form with dashes, any case.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (index, character) in text.utf8.enumerated() {
            if Self.isDash(index) {
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
        guard let id = bytes.withUnsafeBytes({ TaskID(raw: $0) }) else { return nil }
        self = id
    }

    init?(raw bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { bytes, count in
            let raw = UnsafeMutableRawBufferPointer(bytes)
            raw.storeBytes(of: high.bigEndian, as: UInt64.self)
            raw.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            count = 16
        }
    }

    public var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var index = 0
            for half in 0..<2 {
                let word = half == 0 ? high : low
                for shift in stride(from: 60, through: 0, by: -4) {
                    if Self.isDash(index) {
                        text[index] = UInt8(ascii: "-")
                        index += 1
                    }
                    let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
                    text[index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
                    index += 1
                }
            }
            return index
        }
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
        guard let id = try withBytes(column, TaskID.init(raw:)) else {
            throw MySQLError(
                .unexpectedRow, "column \(column) holds \(try bytes(column).count) bytes, a task id has 16")
        }
        return id
    }
}
