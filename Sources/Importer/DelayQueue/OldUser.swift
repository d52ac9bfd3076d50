import Accounts
import MySQL

/// A row of `hs_user`.
struct OldUser: Sendable {
    var id: Int
    var isAdministrator: Bool
    var name: String
    var email: String
    var password: String
    var realName: String
    var telephone: String
    var addedAt: Timestamp

    init(_ row: Row) throws(MySQLError) {
        id = try row.integer(0)
        isAdministrator = try row.integer(1) != 0
        name = try row.text(2)
        email = try row.text(3)
        password = try row.text(4)
        realName = try row.text(5)
        telephone = try row.text(6)
        addedAt = try row.unixTime(7)
    }

    /// The same in every copy of the database.
    var origin: String { "delay_queue:\(id):\(addedAt.microseconds / 1_000_000)" }

    /// Whoever was not the super administrator could only look at tasks.
    var profile: UserProfile {
        var profile = UserProfile(name: name, role: isAdministrator ? .administrator : .viewer)
        profile.email = email
        profile.realName = realName
        profile.telephone = telephone
        return profile
    }
}
