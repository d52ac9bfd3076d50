import MySQL
import Redis
import TestSupport
import Testing

@testable import Accounts

// One database after the other: changes of schemas keep a server busy that other tests need.
@Suite(.serialized) struct SessionStoreTests {
    @Test func aSessionIsFoundByItsIDOnly() async throws {
        try await AccountsFixture.with { fixture in
            let alice = try await fixture.addUser("alice")
            let (id, session) = try await fixture.sessions.create(for: alice)
            #expect(session.userID == alice.id)
            #expect(session.passwordChangedAt == alice.passwordChangedAt)
            #expect(try await fixture.sessions.find(id) == session)
            #expect(try await fixture.sessions.signedIn(id, among: fixture.users)?.user == alice)
            let another = try await fixture.sessions.create(for: alice)
            #expect(another.id != id && another.session.csrfToken != session.csrfToken)
            // Neither the id nor anything it could be made from is in Redis.
            let keys = try fixture.ask(["KEYS", "*"]).asArray.map { try $0.asText }
            #expect(keys.count == 3)
            #expect(keys.contains("schedulerd:session:" + SecretToken.digest(id)))
            #expect(try await fixture.sessions.find(SecretToken.random().text) == nil)
            #expect(try await fixture.sessions.find(String(keys[0].suffix(43))) == nil)
        }
    }

    @Test(arguments: ["", "x", String(repeating: "a", count: 42), String(repeating: "a", count: 44), "é"])
    func whatIsNoIDIsNotAskedFor(_ id: String) async throws {
        var options = Redis.ConnectionOptions()
        options.socket = "/nowhere"
        let pool = Redis.ConnectionPool.forAccounts(options)
        let sessions = SessionStore(pool) { AccountsFixture.limits }
        #expect(try await sessions.find(id) == nil)
        try await sessions.delete(id)
        await #expect(throws: RedisError.self) { try await sessions.find(SecretToken.random().text) }
        try await onThread { pool.close() }
    }

    @Test func itEndsWhenNothingIsAskedAndInTheEnd() async throws {
        try await AccountsFixture.with { fixture in
            let (id, _) = try await fixture.sessions.create(for: fixture.addUser("alice"))
            let key = "schedulerd:session:" + SecretToken.digest(id)
            func left() throws -> Int { try fixture.ask(["TTL", key]).asInteger }
            #expect((1...600).contains(try left()))
            // Each use begins the idle time anew.
            _ = try fixture.ask(["EXPIRE", key, 1000])
            _ = try await fixture.sessions.find(id)
            #expect((1...600).contains(try left()))
            _ = try fixture.ask(["EXPIRE", key, 100])
            _ = try await fixture.sessions.find(id)
            #expect((101...600).contains(try left()))
            // Not beyond the end.
            let ends = try #require(Int(try fixture.ask(["HGET", key, "ends"]).asText))
            _ = try fixture.ask(["HSET", key, "ends", ends - 3_500_000])
            #expect(try await fixture.sessions.find(id) != nil)
            #expect((0...100).contains(try left()))
            _ = try fixture.ask(["HSET", key, "ends", ends - 3_600_000])
            #expect(try await fixture.sessions.find(id) == nil)
            #expect(try fixture.ask(["EXISTS", key]) == .integer(0))
        }
    }

    @Test func signingOutEndsOneAndDeleteAllTheRest() async throws {
        try await AccountsFixture.with { fixture in
            let (alice, bob) = (try await fixture.addUser("alice"), try await fixture.addUser("bob"))
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await fixture.sessions.create(for: alice).id) }
            let others = try await fixture.sessions.create(for: bob).id
            try await fixture.sessions.delete(ids[0])
            #expect(try await fixture.sessions.find(ids[0]) == nil)
            #expect(try await fixture.sessions.find(ids[1]) != nil)
            try await fixture.sessions.deleteAll(of: alice.id)
            for id in ids { #expect(try await fixture.sessions.find(id) == nil) }
            #expect(try await fixture.sessions.find(others) != nil)
            try await fixture.sessions.delete(others)
            try await fixture.sessions.deleteAll(of: bob.id)
            #expect(try fixture.ask(["DBSIZE"]) == .integer(0))
        }
    }

    @Test func theOldestOfTooManyGoes() async throws {
        try await AccountsFixture.with { fixture in
            let alice = try await fixture.addUser("alice")
            let first = try await fixture.sessions.create(for: alice).id
            // By another time, so that it is the oldest.
            _ = try fixture.ask([
                "ZINCRBY", "schedulerd:sessions:\(alice.id)", -1000, SessionStore.key(SecretToken(first)!),
            ])
            for _ in 1..<SessionStore.limit { _ = try await fixture.sessions.create(for: alice) }
            #expect(try await fixture.sessions.find(first) != nil)
            _ = try await fixture.sessions.create(for: alice)
            #expect(try await fixture.sessions.find(first) == nil)
            #expect(try fixture.ask(["DBSIZE"]) == .integer(SessionStore.limit + 1))
            #expect(try fixture.ask(["TTL", "schedulerd:sessions:\(alice.id)"]).asInteger > 0)
        }
    }

    @Test func itCountsOnlyWhileItsUserMaySignInWithThatPassword() async throws {
        try await AccountsFixture.with { fixture in
            let users = fixture.users
            _ = try await fixture.addUser("root")
            let changes: [@Sendable (String) async throws -> Void] = [
                { try await users.setPassword(of: $0, AccountsFixture.hash) }, { try await users.disable($0) },
            ]
            for (number, change) in changes.enumerated() {
                let user = try await fixture.addUser("user\(number)", .viewer)
                let id = try await fixture.sessions.create(for: user).id
                try await users.setRole(of: user.profile.name, .operator)
                let signedIn = try await fixture.sessions.signedIn(id, among: users)
                #expect(signedIn?.user.profile.role == .operator)
                try await change(user.profile.name)
                #expect(try await fixture.sessions.signedIn(id, among: users) == nil)
                // Not even when he is let in again.
                try await users.enable(user.profile.name)
                #expect(try await fixture.sessions.signedIn(id, among: users) == nil)
            }
        }
    }

    @Test func aServerThatHangsIsAnErrorBeforeLong() async throws {
        try await AccountsFixture.with { fixture in
            let (id, _) = try await fixture.sessions.create(for: fixture.addUser("alice"))
            let pool = Redis.ConnectionPool.forAccounts(fixture.redis.options)
            let sessions = SessionStore(pool) { AccountsFixture.limits }
            fixture.redis.pause()
            let error = await #expect(throws: RedisError.self) { try await sessions.find(id) }
            #expect(error?.isTransient == true)
            fixture.redis.resume()
            try await eventually { (try? await sessions.find(id)) != nil }
            try await onThread { pool.close() }
        }
    }

    @Test func theTokenOfAForm() async throws {
        try await AccountsFixture.with { fixture in
            let (_, session) = try await fixture.sessions.create(for: fixture.addUser("alice"))
            #expect(session.accepts(csrfToken: session.csrfToken))
            for wrong in ["", String(session.csrfToken.dropLast()), session.csrfToken + "x", SecretToken.random().text]
            {
                #expect(!session.accepts(csrfToken: wrong))
            }
        }
    }
}

@Suite struct SecretTokenTests {
    @Test func onlyTheSameTextIsEqual() {
        let all = (0..<200).map { _ in SecretToken.random().text } + ["", "a", "ab", "ba"]
        for (left, one) in all.enumerated() {
            for (right, other) in all.enumerated() {
                #expect(one.isEqualInConstantTime(to: other) == (left == right))
            }
        }
    }

    @Test func theyDifferAndAreReadAgain() {
        let all = (0..<1000).map { _ in SecretToken.random() }
        #expect(Set(all.map(\.text)).count == 1000)
        for token in all { #expect(SecretToken(token.text) == token) }
        #expect(Set(all.flatMap(\.text)).count == 64)
        #expect(Set(all.compactMap(\.text.last)).count == 16)
    }

    @Test func theDigest() {
        #expect(
            SecretToken.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
