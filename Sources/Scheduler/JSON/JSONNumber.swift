/// What the text of a JSON number amounts to, exactly: 1, 1.0 and 10e-1 are equal, and no digit of a long number is lost.
package struct JSONNumber: Equatable {
    private var isNegative = false
    /// Without zeros at either end; the number is 0.digits times ten to the power of `exponent`.
    private var digits: [UInt8] = []
    private var exponent = 0
    /// An exponent beyond all bounds: such numbers are told apart by their texts.
    private var text: [UInt8] = []

    /// - Parameter text: by the grammar of RFC 8259.
    package init(_ text: some Sequence<UInt8>) {
        let bytes = Array(text)
        let mantissa = bytes.prefix { $0 | 0x20 != UInt8(ascii: "e") }
        let power = String(decoding: bytes.dropFirst(mantissa.count + 1), as: UTF8.self)
        guard let power = power.isEmpty ? 0 : Int32(power) else {
            self.text = bytes
            return
        }
        let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
        var digits = mantissa.filter(isDigit)[...]
        var exponent = whole.count(where: isDigit) + Int(power)
        while digits.first == UInt8(ascii: "0") {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        // Zero has neither sign nor size.
        guard !digits.isEmpty else { return }
        self.digits = Array(digits)
        self.exponent = exponent
        isNegative = bytes.first == UInt8(ascii: "-")
    }

    package enum Whole: Equatable {
        case number(Int)
        case outOfRange
        case fraction
    }

    /// The number as a whole one: 780, 780.0 and 7.8e2 are the same.
    package var whole: Whole {
        guard text.isEmpty else { return text.dropFirst().contains(UInt8(ascii: "-")) ? .fraction : .outOfRange }
        if digits.isEmpty { return .number(0) }
        guard exponent >= digits.count else { return .fraction }
        // Int.max has 19 digits.
        guard exponent <= 19 else { return .outOfRange }
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: exponent - digits.count)
        let text = (isNegative ? "-" : "") + String(decoding: digits + zeros, as: UTF8.self)
        return Int(text).map(Whole.number) ?? .outOfRange
    }
}
