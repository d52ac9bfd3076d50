/// A file of the system's time zone database (RFC 9636, TZif).
struct ZoneFile {
    private let bytes: [UInt8]
    private var position = 0

    /// - Returns: nil for what is no such file.
    static func read(_ bytes: [UInt8], name: String) -> TimeZone? {
        var file = ZoneFile(bytes: bytes)
        return file.zone(name)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private struct Header {
        var version: UInt8
        var utCount, standardCount, leapCount, timeCount, typeCount, characterCount: Int

        /// Bytes of the data behind it.
        func size(_ timeSize: Int) -> Int {
            timeCount * timeSize + timeCount + typeCount * 6 + characterCount + leapCount * (timeSize + 4)
                + standardCount + utCount
        }
    }

    private mutating func zone(_ name: String) -> TimeZone? {
        guard var header = header() else { return nil }
        var timeSize = 4
        if header.version >= UInt8(ascii: "2") {
            // The first part has 32 bits only.
            position += header.size(4)
            guard let second = self.header() else { return nil }
            (header, timeSize) = (second, 8)
        }
        guard position + header.size(timeSize) <= bytes.count, header.typeCount > 0 else { return nil }
        let times = (0..<header.timeCount).map { _ in integer(timeSize) }
        let kinds = (0..<header.timeCount).map { _ in Int(integer(1) & 0xFF) }
        let types = (0..<header.typeCount).map { _ in
            let offset = integer(4)
            position += 2
            return offset
        }
        guard kinds.allSatisfy(types.indices.contains) else { return nil }
        position += header.characterCount + header.leapCount * (timeSize + 4) + header.standardCount + header.utCount
        let changes = zip(times, kinds).map { TimeZone.Change(at: $0, offset: types[$1]) }
        var rule: ZoneRule?
        if timeSize == 8 {
            let footer = bytes[min(position, bytes.count)...].dropFirst().prefix { $0 != 0x0A }
            if !footer.isEmpty {
                rule = ZoneRule(String(decoding: footer, as: UTF8.self))
                if rule == nil { return nil }
            }
        }
        return TimeZone(name: name, changes: changes, firstOffset: types[0], rule: rule)
    }

    private mutating func header() -> Header? {
        guard bytes.count >= position + 44, bytes[position..<position + 4].elementsEqual("TZif".utf8) else {
            return nil
        }
        let version = bytes[position + 4]
        position += 20
        let counts = (0..<6).map { _ in Int(integer(4)) }
        guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
        return Header(
            version: version, utCount: counts[0], standardCount: counts[1], leapCount: counts[2], timeCount: counts[3],
            typeCount: counts[4], characterCount: counts[5])
    }

    /// Big-endian, with a sign.
    private mutating func integer(_ size: Int) -> Int64 {
        var value: UInt64 = 0
        for byte in bytes[position..<position + size] { value = value << 8 | UInt64(byte) }
        position += size
        let shift = UInt64(64 - size * 8)
        return Int64(bitPattern: value << shift) >> Int64(shift)
    }
}
