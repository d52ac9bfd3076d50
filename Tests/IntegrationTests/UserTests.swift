import Accounts
import MySQL
import TestSupport
import Testing
import ThreadPool

@Suite struct UserTests {
    /// Stands for any password: what is not compared need not be hashed.
    private static let hash = PasswordHash("$2a$10$" + String(repeating: ".", count: 53))!

    private static func withUsers(_ body: (UserStore, TestDatabase) async throws -> Void) async throws {
        try await TestDatabase.migrated(prefix: "hs_") { database in
            let pool = ConnectionPool(database.options, .init(connections: 8, waitTimeout: .seconds(60)))
            do {
                try await body(UserStore(pool, prefix: "hs_"), database)
                try await onThread { pool.close() }
            } catch {
                try await onThread { pool.close() }
                throw error
            }
        }
    }

    @Test func aUserIsKeptAsGiven() async throws {
        try await Self.withUsers { users, _ in
            var profile = UserProfile(name: "管理员", role: .operator)
            profile.email = "a@example.org"
            profile.realName = "A \"B\" C"
            profile.telephone = "+86 135"
            try await users.add(profile, Self.hash)
            let user = try #require(try await users.user("管理员"))
            #expect(user.profile == profile)
            #expect(user.disabledAt == nil)
            #expect(user.importedFrom == nil)
            try await users.setRole(of: "管理员", .viewer)
            try await users.disable("管理员")
            let changed = try #require(try await users.user("管理员"))
            #expect(changed.profile.role == .viewer)
            #expect(changed.disabledAt != nil)
            #expect(changed.updatedAt > user.updatedAt)
            try await users.enable("管理员")
            #expect(try await users.all().map(\.disabledAt) == [nil])
        }
    }

    @Test func namesAreUniqueWithoutRegardToCase() async throws {
        try await Self.withUsers { users, _ in
            try await users.add(UserProfile(name: "Alice", role: .viewer), Self.hash)
            await #expect(throws: UserError.nameTaken("aLICE")) {
                try await users.add(UserProfile(name: "aLICE", role: .viewer), Self.hash)
            }
            #expect(try await users.user("ALICE")?.profile.name == "Alice")
            await #expect(throws: UserError.unknown("bob")) { try await users.disable("bob") }
            await #expect(throws: UserError.unknown("bob")) { try await users.setPassword(of: "bob", Self.hash) }
        }
    }

    @Test func signingIn() async throws {
        try await Self.withUsers { users, _ in
            let passwords = Passwords()
            try await users.add(
                UserProfile(name: "alice", role: .administrator), passwords.hash(NewPassword("correct horse")))
            let signedIn = try #require(try await users.signIn("Alice", "correct horse", passwords))
            #expect(signedIn.user.profile.name == "alice")
            #expect(!signedIn.isOutdated)
            #expect(try await users.signIn("alice", "wrong horse", passwords) == nil)
            #expect(try await users.signIn("bob", "correct horse", passwords) == nil)
            try await users.setPassword(of: "alice", passwords.hash(NewPassword("battery staple")))
            #expect(try await users.signIn("alice", "correct horse", passwords) == nil)
            #expect(try await users.signIn("alice", "battery staple", passwords) != nil)
            try await users.add(UserProfile(name: "carol", role: .administrator), Self.hash)
            try await users.disable("alice")
            #expect(try await users.signIn("alice", "battery staple", passwords) == nil)
            try await onThread { passwords.close() }
        }
    }

    @Test func theLastAdministratorStays() async throws {
        try await Self.withUsers { users, _ in
            try await users.add(UserProfile(name: "alice", role: .administrator), Self.hash)
            try await users.add(UserProfile(name: "bob", role: .administrator), Self.hash)
            try await users.add(UserProfile(name: "carol", role: .operator), Self.hash)
            try await users.disable("carol")
            try await users.disable("bob")
            await #expect(throws: UserError.lastAdministrator("alice")) { try await users.disable("alice") }
            await #expect(throws: UserError.lastAdministrator("alice")) {
                try await users.setRole(of: "alice", .operator)
            }
            try await users.setRole(of: "alice", .administrator)
            try await users.setRole(of: "bob", .viewer)
            try await users.enable("bob")
            await #expect(throws: UserError.lastAdministrator("alice")) { try await users.disable("alice") }
            try await users.setRole(of: "bob", .administrator)
            try await users.disable("alice")
            #expect(try await users.user("alice")?.disabledAt != nil)
        }
    }

    @Test func aProfileIsChangedAsAWhole() async throws {
        try await Self.withUsers { users, _ in
            try await users.add(UserProfile(name: "Alice", role: .administrator), Self.hash)
            try await users.add(UserProfile(name: "bob", role: .viewer), Self.hash)
            var profile = UserProfile(name: "alice", role: .administrator)
            (profile.email, profile.realName, profile.telephone) = ("a@example.org", "A", "1")
            try await users.update(profile)
            let alice = try #require(try await users.user("alice"))
            #expect(alice.profile.name == "Alice" && alice.profile.email == "a@example.org")
            #expect(try await users.user(id: alice.id) == alice)
            #expect(try await users.user(id: alice.id + 100) == nil)
            profile.role = .operator
            await #expect(throws: UserError.lastAdministrator("alice")) { try await users.update(profile) }
            profile.email = "\n"
            await #expect(throws: UserError.invalid("email", "must not hold a control character")) {
                try await users.update(profile)
            }
            await #expect(throws: UserError.unknown("carol")) {
                try await users.update(UserProfile(name: "carol", role: .viewer))
            }
            try await users.update(UserProfile(name: "bob", role: .administrator))
            try await users.delete("ALICE")
            #expect(try await users.all().map(\.profile.name) == ["bob"])
            await #expect(throws: UserError.lastAdministrator("bob")) { try await users.delete("bob") }
            await #expect(throws: UserError.unknown("alice")) { try await users.delete("alice") }
        }
    }

    @Test func ofManyFirstStartsOneMakesTheAdministrator() async throws {
        try await Self.withUsers { users, database in
            for _ in 0..<10 {
                try database.connect().run("DELETE FROM hs_users")
                let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<8 { group.addTask { try await users.addFirstAdministrator(Self.hash) } }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(made == 1)
            }
            let all = try await users.all()
            #expect(all.map(\.profile) == [UserProfile(name: "admin", role: .administrator)])
            try database.connect().run("UPDATE hs_users SET name = 'root'")
            #expect(try await !users.addFirstAdministrator(Self.hash))
        }
    }

    @Test func anOldHashIsReplacedUnlessThePasswordWasChanged() async throws {
        try await Self.withUsers { users, _ in
            let passwords = Passwords()
            let (right, new) = try await (
                passwords.hash(NewPassword("correct horse")), passwords.hash(NewPassword("battery staple"))
            )
            try await users.add(UserProfile(name: "alice", role: .viewer), Self.hash)
            let alice = try #require(try await users.user("alice"))
            try await users.replaceHash(of: alice, right)
            #expect(try await users.user("alice")?.passwordChangedAt == alice.passwordChangedAt)
            #expect(try await users.signIn("alice", "correct horse", passwords) != nil)
            try await users.setPassword(of: "alice", new)
            try await users.replaceHash(of: alice, right)
            #expect(try await users.signIn("alice", "correct horse", passwords) == nil)
            try await onThread { passwords.close() }
        }
    }

    /// All at once take away all administrators: one is left, whoever it is.
    @Test func ofManyWhoLeaveAtOnceOneStays() async throws {
        try await Self.withUsers { users, database in
            for round in 0..<5 {
                let names = (0..<8).map { "user\(round)-\($0)" }
                try database.connect().run("DELETE FROM hs_users")
                for name in names { try await users.add(UserProfile(name: name, role: .administrator), Self.hash) }
                let refused = await withTaskGroup(of: Bool.self) { group in
                    for (index, name) in names.enumerated() {
                        group.addTask {
                            do {
                                if index.isMultiple(of: 3) {
                                    try await users.delete(name)
                                } else if index.isMultiple(of: 2) {
                                    try await users.disable(name)
                                } else {
                                    try await users.setRole(of: name, .viewer)
                                }
                                return false
                            } catch {
                                return error as? UserError == .lastAdministrator(name)
                            }
                        }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(refused == 1)
                #expect(try database.count("hs_users WHERE role = 'administrator' AND disabled_at IS NULL") == 1)
            }
        }
    }
}
