/// A length of time as people write it: `250ms`, `5s`, `10m`, `2h`, `1d`, `1h30m`, `1.5h`.
package struct DelayText: Sendable, Equatable {
    package let duration: Duration

    private static let units: [(name: String, microseconds: Double)] = [
        ("ms", 1e3), ("s", 1e6), ("m", 60e6), ("h", 3600e6), ("d", 86_400e6),
    ]

    package init?(_ text: String) {
        var rest = Substring(text)
        var microseconds = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let unit = rest[number.endIndex...].prefix { $0.isASCII && $0.isLetter }
            guard let amount = Double(number), number.first != ".", number.last != ".",
                let factor = Self.units.first(where: { $0.name == unit })?.microseconds
            else { return nil }
            microseconds += amount * factor
            rest = rest[unit.endIndex...]
        }
        // A thousand years.
        guard microseconds <= 31_557_600_000e6 else { return nil }
        duration = .microseconds(Int64(microseconds.rounded()))
    }
}
