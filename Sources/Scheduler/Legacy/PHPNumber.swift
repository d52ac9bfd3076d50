import Glibc

/// A number of a JSON text as PHP turns it into a string.
enum PHPNumber {
    /// PHP's setting `precision`, as shipped.
    private static let precision = 14

    /// - Parameter text: by the grammar of RFC 8259.
    static func text(_ text: String) -> String {
        // An integer as long as it fits; -0 is one too.
        if let integer = Int64(text) { return "\(integer)" }
        let value = Double(text) ?? 0
        if value.isInfinite { return value < 0 ? "-INF" : "INF" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = rounded(value.magnitude)
        return (value < 0 ? "-" : "") + (isPlain(exponent) ? plain(digits, exponent) : scientific(digits, exponent))
    }

    private static func isPlain(_ exponent: Int) -> Bool { exponent >= -4 && exponent < precision }

    /// The digits that count, without zeros at the end; the first stands before the point.
    private static func rounded(_ value: Double) -> (digits: Substring, exponent: Int) {
        var buffer = [CChar](repeating: 0, count: 32)
        _ = withVaList([Int32(precision - 1), value]) { vsnprintf(&buffer, buffer.count, "%.*e", $0) }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let parts = text.split(separator: "e")
        var digits = Substring(parts[0].filter { $0 != "." })
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (digits, Int(parts[1]) ?? 0)
    }

    private static func plain(_ digits: Substring, _ exponent: Int) -> String {
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = exponent + 1
        if digits.count <= whole { return digits + String(repeating: "0", count: whole - digits.count) }
        return digits.prefix(whole) + "." + digits.dropFirst(whole)
    }

    private static func scientific(_ digits: Substring, _ exponent: Int) -> String {
        let fraction = digits.count > 1 ? digits.dropFirst() : "0"
        return "\(digits.prefix(1)).\(fraction)E\(exponent < 0 ? "-" : "+")\(abs(exponent))"
    }
}
