/// Where in a distributed trace a task was asked for: the header `traceparent` of W3C Trace Context.
public struct TraceContext: Sendable, Hashable {
    /// 32 hexadecimal digits.
    public let traceID: String
    /// 16 hexadecimal digits: who is above.
    public let parentID: String
    /// Bit 0: it is recorded; bit 1: the trace id is random. The standard has no others yet.
    public let flags: UInt8

    private static let knownFlags: UInt8 = 0b11

    /// - Returns: nil when it is malformed; the standard says that it is then ignored.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        func digits(_ range: Range<Int>) -> String? {
            let part = bytes[range]
            let isHex = part.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            return isHex ? String(decoding: part, as: UTF8.self) : nil
        }
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = digits(0..<2), version != "ff", let trace = digits(3..<35), let parent = digits(36..<52),
            let flags = digits(53..<55).flatMap({ UInt8($0, radix: 16) }),
            trace.contains(where: { $0 != "0" }), parent.contains(where: { $0 != "0" })
        else { return nil }
        // A later version may have more fields behind these.
        guard bytes.count == 55 || (version != "00" && bytes[55] == dash) else { return nil }
        traceID = trace
        parentID = parent
        self.flags = flags & Self.knownFlags
    }

    private init(traceID: String, parentID: String, flags: UInt8) {
        self.traceID = traceID
        self.parentID = parentID
        self.flags = flags
    }

    /// The header's value, in version 00.
    public var text: String {
        "00-\(traceID)-\(parentID)-\(flags < 16 ? "0" : "")\(String(flags, radix: 16))"
    }

    /// What is sent with an attempt: the same trace, and an id of the attempt's own, which follows from task and attempt.
    public func attempt(_ attempt: Int, of id: TaskID) -> TraceContext {
        let mixed = Self.mixed(Self.mixed(Self.mixed(id.high) ^ id.low) ^ UInt64(attempt))
        let digits = String(max(1, mixed), radix: 16)
        return TraceContext(
            traceID: traceID, parentID: String(repeating: "0", count: 16 - digits.count) + digits, flags: flags)
    }

    /// The finalizer of splitmix64.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
