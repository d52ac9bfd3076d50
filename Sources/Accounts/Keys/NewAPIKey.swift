package import MySQL

/// A key that somebody asks for.
package struct NewAPIKey: Sendable, Equatable {
    package var name: String
    package var scopes: Set<KeyScope>
    /// nil: all of them.
    package var queues: Set<String>?
    package var requestsPerSecond: Int?
    package var expiresAt: Timestamp?

    package init(name: String, scopes: Set<KeyScope>) {
        self.name = name
        self.scopes = scopes
    }

    private static let longestName = 64
    private static let mostQueues = 50
    package static let rates = 1...1_000_000

    /// - Throws: `APIKeyError.invalid` for the first field that is not accepted.
    package func check() throws(APIKeyError) {
        guard Self.isName(name, Self.longestName) else {
            throw .invalid("name", "must be 1 to \(Self.longestName) letters, digits, dots, dashes or underscores")
        }
        guard !scopes.isEmpty else {
            throw .invalid("scopes", "must name at least one of \(KeyScope.text(Set(KeyScope.allCases)))")
        }
        if let queues {
            guard (1...Self.mostQueues).contains(queues.count) else {
                throw .invalid("queues", "must name 1 to \(Self.mostQueues) queues, or be left out for all of them")
            }
            guard queues.allSatisfy({ Self.isName($0, 100) }) else {
                throw .invalid("queues", "must be names of 1 to 100 letters, digits, dots, dashes or underscores")
            }
            guard !scopes.contains(.admin) else {
                throw .invalid("queues", "must be left out for a key with the scope admin, which is for everything")
            }
        }
        if let requestsPerSecond, !Self.rates.contains(requestsPerSecond) {
            throw .invalid("requests_per_second", "must be \(Self.rates.lowerBound) to \(Self.rates.upperBound)")
        }
    }

    private static func isName(_ text: String, _ limit: Int) -> Bool {
        (1...limit).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
