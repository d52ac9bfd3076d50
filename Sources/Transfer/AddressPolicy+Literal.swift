extension AddressPolicy {
    /// The address that a URL's host spells out, or nil when it is a name (or nonsense). So that intake can refuse
    /// early; what counts is the verdict on the address really connected to.
    ///
    /// Besides the canonical spellings it reads what `inet_aton`, and therefore libcurl, takes for IPv4: one to four
    /// parts, the last filling the bytes that remain, each in decimal, octal (`0177`) or hexadecimal (`0x7f`); also a
    /// trailing dot, brackets around IPv6, and a zone index, which is dropped.
    package static func literal(host: String) -> IPAddress? {
        var text = Substring(host)
        if text.hasPrefix("[") {
            guard text.hasSuffix("]") else { return nil }
            text = text.dropFirst().dropLast()
            guard text.contains(":") else { return nil }
        }
        if text.contains(":") {
            return IPAddress(String(text.prefix { $0 != "%" }))
        }
        if text.hasSuffix(".") { text = text.dropLast() }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...4).contains(parts.count) else { return nil }
        var bits: UInt64 = 0
        for (place, part) in parts.enumerated() {
            guard let value = number(part) else { return nil }
            let bytes = place == parts.count - 1 ? 4 - place : 1
            guard value < 1 << (8 * UInt64(bytes)) else { return nil }
            bits = bits << (8 * UInt64(bytes)) | value
        }
        return .v4(UInt32(bits))
    }

    private static func number(_ text: Substring) -> UInt64? {
        guard text.utf8.first.map({ (48...57).contains($0) }) == true else { return nil }  // no sign, not empty
        if text.hasPrefix("0x") || text.hasPrefix("0X") {
            let digits = text.dropFirst(2)
            return digits.first == "+" || digits.first == "-" ? nil : UInt64(digits, radix: 16)  // Swift takes a sign
        }
        return text.utf8.count > 1 && text.hasPrefix("0") ? UInt64(text, radix: 8) : UInt64(text)
    }
}
