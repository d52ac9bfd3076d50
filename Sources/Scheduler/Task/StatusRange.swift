/// One or more HTTP statuses in the notation of the API: `404`, `2xx`, `300-304`.
package struct StatusRange: Sendable, Equatable {
    package let statuses: ClosedRange<Int>

    private static let accepted = 100...599

    /// nil: not in the notation, or not between 100 and 599.
    package init?(_ text: String) {
        let characters = Array(text.utf8)
        func status(_ characters: ArraySlice<UInt8>) -> Int? {
            guard characters.count == 3, characters.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return Int(String(decoding: characters, as: UTF8.self))
        }
        let range: ClosedRange<Int>
        if let single = status(characters[...]) {
            range = single...single
        } else if characters.count == 3, characters.dropFirst().elementsEqual("xx".utf8),
            let hundreds = status([characters[0], 0x30, 0x30])
        {
            range = hundreds...hundreds + 99
        } else if characters.count == 7, characters[3] == UInt8(ascii: "-"), let first = status(characters[..<3]),
            let last = status(characters[4...]), first <= last
        {
            range = first...last
        } else {
            return nil
        }
        guard Self.accepted.contains(range.lowerBound), Self.accepted.contains(range.upperBound) else { return nil }
        statuses = range
    }

    package func contains(_ status: Int) -> Bool { statuses.contains(status) }

    /// The shortest form.
    package var text: String {
        if statuses.count == 1 { return "\(statuses.lowerBound)" }
        if statuses.lowerBound % 100 == 0, statuses.count == 100 { return "\(statuses.lowerBound / 100)xx" }
        return "\(statuses.lowerBound)-\(statuses.upperBound)"
    }
}

extension [StatusRange] {
    package func contains(status: Int) -> Bool {
        contains { $0.contains(status) }
    }

    /// For messages: `2xx, 404`.
    package var text: String { map(\.text).joined(separator: ", ") }
}
