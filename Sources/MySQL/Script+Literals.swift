/// How values are written as literals.
extension Script {
    package mutating func write(literal value: SQLValue) {
        switch value {
        case .null: text("NULL")
        case .integer(let number): write(integer: number)
        case .unsigned(let number): write(integer: number)
        case .double(let number): bytes.append(contentsOf: "\(number)".utf8)
        case .text(let string): write(text: string)
        case .bytes(let content): write(binary: content)
        case .time(let time): write(time: time)
        }
    }

    package mutating func write(integer: some FixedWidthInteger) {
        if integer >= 0 && integer < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(integer))
            return
        }
        var magnitude = UInt64(integer.magnitude)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var first = 20
            repeat {
                first -= 1
                digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10)
                magnitude /= 10
            } while magnitude > 0
            if integer < 0 { bytes.append(UInt8(ascii: "-")) }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[first...]))
        }
    }

    /// `X'…'`: the shortest safe form for identifiers, 16 bytes at a time.
    package mutating func write(hex high: UInt64, _ low: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 35) { text in
            (text[0], text[1], text[34]) = (UInt8(ascii: "X"), UInt8(ascii: "'"), UInt8(ascii: "'"))
            var (index, word) = (2, high)
            for _ in 0..<2 {
                for shift in stride(from: 60, through: 0, by: -4) {
                    let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
                    text[index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
                    index += 1
                }
                word = low
            }
            bytes.append(contentsOf: UnsafeBufferPointer(text))
        }
    }

    package mutating func write(text string: String) {
        var string = string
        string.withUTF8 { write(quoted: $0) }
    }

    package mutating func write(binary content: [UInt8]) {
        text("_binary")
        content.withUnsafeBufferPointer { write(quoted: $0) }
    }

    private mutating func write(quoted content: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "'"))
        var start = 0
        for (index, byte) in content.enumerated() {
            let escape: UInt8
            switch byte {
            case 0: escape = UInt8(ascii: "0")
            case 0x0A: escape = UInt8(ascii: "n")
            case 0x0D: escape = UInt8(ascii: "r")
            case 0x1A: escape = UInt8(ascii: "Z")
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"): escape = byte
            default: continue
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: content[start..<index]))
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(escape)
            start = index + 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: content[start...]))
        bytes.append(UInt8(ascii: "'"))
    }

    /// `'2026-11-20 10:00:00.250000'`
    package mutating func write(time: Timestamp) {
        let civil = CivilTime(time)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 28) { text in
            func digits(_ number: Int, _ range: Range<Int>, then end: UInt8) {
                var number = number
                for index in range.reversed() {
                    text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
                    number /= 10
                }
                text[range.upperBound] = end
            }
            text[0] = UInt8(ascii: "'")
            digits(civil.year, 1..<5, then: UInt8(ascii: "-"))
            digits(civil.month, 6..<8, then: UInt8(ascii: "-"))
            digits(civil.day, 9..<11, then: UInt8(ascii: " "))
            digits(civil.hour, 12..<14, then: UInt8(ascii: ":"))
            digits(civil.minute, 15..<17, then: UInt8(ascii: ":"))
            digits(civil.second, 18..<20, then: UInt8(ascii: "."))
            digits(civil.microsecond, 21..<27, then: UInt8(ascii: "'"))
            bytes.append(contentsOf: UnsafeBufferPointer(text))
        }
    }

    mutating func text(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}
