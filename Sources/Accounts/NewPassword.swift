/// A password that may be set.
package struct NewPassword: Sendable {
    package let text: String

    /// What crypt(3) takes.
    static let limit = 511
    private static let shortest = 10

    /// - Throws: `UserError.invalid`.
    package init(_ text: String) throws(UserError) {
        guard text.unicodeScalars.count >= Self.shortest else {
            throw .invalid("password", "must have at least \(Self.shortest) characters")
        }
        guard text.utf8.count <= Self.limit else {
            throw .invalid("password", "must have at most \(Self.limit) bytes")
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .invalid("password", "must not hold a control character")
        }
        self.text = text
    }

    private init(generated text: String) {
        self.text = text
    }

    /// 20 characters, 116 bits, none of which looks like another.
    package static func generate() -> NewPassword {
        let characters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789")
        var chance = SystemRandomNumberGenerator()
        return NewPassword(generated: String((0..<20).map { _ in characters.randomElement(using: &chance)! }))
    }
}
