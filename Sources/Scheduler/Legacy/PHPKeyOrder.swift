/// The order into which PHP's `ksort` brings the keys of an array.
///
/// Keys that look like numbers are compared as numbers, others byte by byte. How a number compares with a word has changed
/// (PHP 8.2 puts `a` after 1, before it came first) and may go in circles: such keys are refused.
enum PHPKeyOrder {
    private enum Key {
        case word
        case integer(Int64)
        case number(Double)
        /// A number since PHP 8.0, where blanks may follow it.
        case blankNumber

        var isWord: Bool { if case .word = self { true } else { false } }
    }

    /// - Returns: the places of the keys, in order.
    static func indices(_ names: [String]) throws(DelayQSSignRefusal) -> [Int] {
        let keys = names.map { key(Array($0.utf8)) }
        let numbers = keys.indices.filter { !keys[$0].isWord }
        // Two texts are compared as numbers when both are. A single one counts when it is an integer to PHP's arrays.
        if numbers.isEmpty || names.count == 1 || numbers.count == 1 && !isIntegerKey(names[numbers[0]]) {
            return keys.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
        }
        for (index, key) in keys.enumerated() {
            switch key {
            case .integer, .number: continue
            case .word, .blankNumber:
                let number = numbers.first { $0 != index } ?? index
                throw DelayQSSignRefusal(
                    "body has the keys \(quoted(names[number])) and \(quoted(names[index])): how PHP sorts numbers among "
                        + "others depends on its version")
            }
        }
        let sorted = keys.indices.sorted { isLess(keys[$0], keys[$1]) }
        for (left, right) in zip(sorted, sorted.dropFirst()) where !isLess(keys[left], keys[right]) {
            throw DelayQSSignRefusal(
                "body has the keys \(quoted(names[left])) and \(quoted(names[right])), the same number to PHP: they have "
                    + "no order")
        }
        return sorted
    }

    private static func isLess(_ left: Key, _ right: Key) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.integer(let left), .number(let right)): Double(left) < right
        case (.number(let left), .integer(let right)): left < Double(right)
        case (.number(let left), .number(let right)): left < right
        default: false
        }
    }

    /// Whether the key of an array is an integer, by which alone it is compared.
    private static func isIntegerKey(_ name: String) -> Bool {
        Int64(name).map { "\($0)" == name } ?? false
    }

    /// By PHP's `is_numeric`.
    private static func key(_ name: [UInt8]) -> Key {
        let start = name.drop(while: isBlank)
        if isNumber(start) { return number(String(decoding: start, as: UTF8.self)) }
        let blanks = start.reversed().prefix(while: isBlank).count
        return blanks > 0 && isNumber(start.dropLast(blanks)) ? .blankNumber : .word
    }

    private static func number(_ text: String) -> Key {
        if let integer = Int64(text) { return .integer(integer) }
        return .number(Double(text) ?? .infinity)
    }

    private static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        func take(_ characters: String) -> Bool {
            guard let first = rest.first, characters.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        func digits() -> Int {
            let count = rest.prefix { (48...57).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        _ = take("+-")
        var count = digits()
        if take(".") { count += digits() }
        guard count > 0 else { return false }
        if take("eE") {
            _ = take("+-")
            if digits() == 0 { return false }
        }
        return rest.isEmpty
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func quoted(_ name: String) -> String { "\"\(name.prefix(100))\"" }
}
