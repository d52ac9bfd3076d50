package import MySQL

/// A person as others see him: nothing that lets anybody sign in.
package struct UserProfile: Sendable, Equatable {
    /// By which he signs in; unique without regard to case.
    package var name: String
    package var role: Role
    package var email = ""
    package var realName = ""
    package var telephone = ""

    package init(name: String, role: Role) {
        self.name = name
        self.role = role
    }

    static let longestName = 100

    /// - Throws: `UserError.invalid` for the first field that is not accepted.
    package func check() throws(UserError) {
        try Self.check("name", name, 1...Self.longestName)
        if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
            throw .invalid("name", "must not begin or end with a blank")
        }
        try Self.check("email", email, 0...254)
        try Self.check("real name", realName, 0...100)
        try Self.check("telephone", telephone, 0...40)
    }

    private static func check(_ field: String, _ text: String, _ lengths: ClosedRange<Int>) throws(UserError) {
        // Code points, as VARCHAR counts.
        guard lengths.contains(text.unicodeScalars.count) else {
            throw .invalid(field, "must have \(lengths.lowerBound) to \(lengths.upperBound) characters")
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .invalid(field, "must not hold a control character")
        }
    }
}

/// A person as the table holds him.
package struct User: Sendable, Equatable {
    package var id: Int
    package var profile: UserProfile
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    package var passwordChangedAt: Timestamp
    /// nil: he may sign in.
    package var disabledAt: Timestamp?
    /// What he was in an old program; nil: he was made here.
    package var importedFrom: String?
}

/// Why nothing was done to a user.
package enum UserError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A field, and what is accepted there.
    case invalid(String, String)
    case nameTaken(String)
    case unknown(String)
    /// He is the only one left who can let others in.
    case lastAdministrator(String)

    package var description: String {
        switch self {
        case .invalid(let field, let detail): "\(field): \(detail)"
        case .nameTaken(let name): "there is a user \(name) already"
        case .unknown(let name): "there is no user \(name)"
        case .lastAdministrator(let name):
            "\(name) is the last administrator who can sign in: make another one first"
        }
    }
}
