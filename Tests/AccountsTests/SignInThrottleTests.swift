import MySQL
import Redis
import TestSupport
import Testing

@testable import Accounts

// One database after the other: changes of schemas keep a server busy that other tests need.
@Suite(.serialized) struct SignInThrottleTests {
    private static func with(_ body: (SignInThrottle, AccountsFixture) async throws -> Void) async throws {
        try await AccountsFixture.with { fixture in try await body(fixture.throttle, fixture) }
    }

    /// How often in a row a client may guess wrong, up to `limit`.
    private static func guesses(
        _ throttle: SignInThrottle, _ account: String, _ address: (Int) -> String, device: String? = nil,
        limit: Int = 40
    ) async throws -> Int {
        for count in 0..<limit {
            guard case .allowed = try await throttle.check(account: account, address: address(count), device: device)
            else { return count }
        }
        return limit
    }

    private static func attempt(
        _ throttle: SignInThrottle, _ account: String, _ address: String, device: String? = nil
    ) async throws -> SignInAttempt {
        guard case .allowed(let attempt) = try await throttle.check(account: account, address: address, device: device)
        else { throw NeverHappened() }
        return attempt
    }

    private static func wait(
        _ throttle: SignInThrottle, _ account: String, _ address: String, device: String? = nil
    ) async throws -> Int? {
        switch try await throttle.check(account: account, address: address, device: device) {
        case .allowed: nil
        case .wait(let seconds): seconds
        }
    }

    @Test func eachFailureMakesTheNextWaitLonger() async throws {
        try await Self.with { throttle, fixture in
            #expect(try await Self.guesses(throttle, "alice", { _ in "192.0.2.1" }) == 5)
            for (round, longest) in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900].enumerated() {
                // Being told to wait is no failure.
                for _ in 1...2 { #expect(try await Self.wait(throttle, "alice", "192.0.2.1") == longest, "\(round)") }
                try fixture.pass(longest)
                #expect(try await Self.wait(throttle, "alice", "192.0.2.1") == nil)
            }
            // Another account from there, and that account from elsewhere, are free.
            #expect(try await Self.wait(throttle, "bob", "192.0.2.1") == nil)
            #expect(try await Self.wait(throttle, "alice", "192.0.2.2") == nil)
            for key in try fixture.ask(["KEYS", "schedulerd:sign-in:*"]).asArray.map({ try $0.asText }) {
                #expect((1...3600).contains(try fixture.ask(["TTL", key]).asInteger), "\(key)")
            }
        }
    }

    @Test func manyAtOnceAreManyFailures() async throws {
        try await Self.with { throttle, _ in
            let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await Self.wait(throttle, "alice", "192.0.2.1") == nil }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(allowed == 5)
        }
    }

    @Test func oneAddressAtManyAccounts() async throws {
        try await Self.with { throttle, fixture in
            var count = 0
            while count < 100, try await Self.wait(throttle, "user\(count)", "2001:db8::\(count)") == nil {
                count += 1
                try fixture.refill()
            }
            #expect(count == 20)
            #expect(try await Self.wait(throttle, "alice", "2001:db8:0:1::1") == nil)
        }
    }

    /// Whatever is tried in an administrator's name: he gets in where he is known.
    @Test func manyAddressesAtOneAccountKeepOutOnlyStrangers() async throws {
        try await Self.with { throttle, fixture in
            let device = try await throttle.succeeded(Self.attempt(throttle, "Admin", "192.0.2.1"))
            var count = 0
            while count < 100, try await Self.wait(throttle, "admin", "10.0.0.\(count)") == nil {
                count += 1
                try fixture.refill()
            }
            #expect(count == 20)
            #expect(try await Self.wait(throttle, "ADMIN", "198.51.100.1") != nil)
            // Also from an address from which it is tried.
            let attempt = try await Self.attempt(throttle, "admin", "10.0.0.1", device: device)
            let next = try await throttle.succeeded(attempt)
            #expect(try await Self.wait(throttle, "admin", "10.0.0.1", device: device) != nil)
            _ = try await Self.attempt(throttle, "admin", "10.0.0.1", device: next)
            // A device is known to one account only.
            for _ in 0..<30 { _ = try await throttle.check(account: "bob", address: "10.0.0.1", device: next) }
            #expect(try await Self.wait(throttle, "bob", "10.0.0.1", device: next) != nil)
        }
    }

    /// OWASP ASVS 4.0, 2.2.1.
    @Test func aHundredGuessesAnHourAreNotToBeHad() async throws {
        try await Self.with { throttle, fixture in
            var (seconds, guesses) = (0, 0)
            while seconds < 3600, guesses <= 100 {
                if let wait = try await Self.wait(throttle, "admin", "10.0.0.\(guesses)") {
                    seconds += wait
                    try fixture.pass(wait)
                } else {
                    guesses += 1
                    try fixture.refill()
                }
            }
            #expect(guesses == 84)
        }
    }

    @Test func aKnownDeviceHasAGateOfItsOwn() async throws {
        try await Self.with { throttle, _ in
            let device = try await throttle.succeeded(Self.attempt(throttle, "alice", "192.0.2.1"))
            #expect(try await Self.guesses(throttle, "alice", { "10.0.0.\($0)" }, device: device) == 10)
            // A stranger is not affected.
            #expect(try await Self.wait(throttle, "alice", "192.0.2.1") == nil)
        }
    }

    @Test func aDeviceIsKeptAsADigestForNinetyDays() async throws {
        try await Self.with { throttle, fixture in
            let device = try await throttle.succeeded(Self.attempt(throttle, "alice", "192.0.2.1"))
            let keys = try fixture.ask(["KEYS", "schedulerd:device:*"]).asArray.map { try $0.asText }
            #expect(keys == ["schedulerd:device:" + SecretToken.digest(device)])
            let seconds = try fixture.ask(["TTL", keys[0]]).asInteger
            #expect((90 * 86_400 - 600...90 * 86_400).contains(seconds))
            for wrong in ["", "x", keys[0], SecretToken.random().text] {
                #expect(try await Self.attempt(throttle, "alice", "192.0.2.1", device: wrong).device == nil)
            }
        }
    }

    @Test func successForgetsTheFailuresOfTheClient() async throws {
        try await Self.with { throttle, _ in
            for _ in 0..<4 { _ = try await Self.attempt(throttle, "alice", "192.0.2.1") }
            _ = try await throttle.succeeded(Self.attempt(throttle, "alice", "192.0.2.1"))
            #expect(try await Self.guesses(throttle, "alice", { _ in "192.0.2.1" }) == 5)
        }
    }

    /// Who has an account of his own gains nothing by it.
    @Test func successElsewhereForgetsNoFailures() async throws {
        try await Self.with { throttle, fixture in
            for _ in 0..<4 { _ = try await Self.attempt(throttle, "alice", "192.0.2.1") }
            _ = try await throttle.succeeded(Self.attempt(throttle, "mallory", "192.0.2.1"))
            #expect(try await Self.guesses(throttle, "alice", { _ in "192.0.2.1" }) == 1)
            #expect(try fixture.ask(["HGET", "schedulerd:sign-in:address:192.0.2.1", "count"]).asText == "5")
        }
    }

    @Test func whatWasNotComparedDoesNotCount() async throws {
        try await Self.with { throttle, fixture in
            for _ in 0..<10 {
                try await throttle.abandoned(Self.attempt(throttle, "alice", "192.0.2.1"))
                try fixture.refill()
            }
            let device = try await throttle.succeeded(Self.attempt(throttle, "alice", "192.0.2.1"))
            for _ in 0..<20 {
                try await throttle.abandoned(Self.attempt(throttle, "alice", "192.0.2.1", device: device))
            }
            #expect(
                Set(try fixture.ask(["KEYS", "schedulerd:*"]).asArray.map { try $0.asText })
                    .subtracting(["schedulerd:sign-in:all"]) == ["schedulerd:device:" + SecretToken.digest(device)])
        }
    }

    @Test func strangersTogetherGetTwoASecond() async throws {
        try await Self.with { throttle, fixture in
            let device = try await throttle.succeeded(Self.attempt(throttle, "alice", "192.0.2.1"))
            var refused = 0
            for number in 0..<200 where refused == 0 {
                if try await Self.wait(throttle, "user\(number)", "10.0.0.\(number)") == 1 { refused = number }
            }
            #expect((19...199).contains(refused))
            _ = try await Self.attempt(throttle, "alice", "192.0.2.1", device: device)
        }
    }

    /// As the column `name` of the users compares them.
    @Test(arguments: [
        ("alice", "ALICE", true), ("alice", "alicé", true), ("alice", "alice  ", true), ("alice", " alice", false),
        ("alice", "alicf", false), ("管理员", "管理员 ", true), ("管理员", "管理", false), ("😀", "😁", true),
        ("", " ", true), (String(repeating: "x", count: 5000), String(repeating: "X", count: 101), true),
        (String(repeating: "x", count: 101), String(repeating: "x", count: 100), false),
    ])
    func namesCompareAsInTheTable(_ left: String, _ right: String, _ areEqual: Bool) async throws {
        try await AccountsFixture.with { fixture in
            #expect(try await (fixture.users.sortKey(of: left) == fixture.users.sortKey(of: right)) == areEqual)
            if !left.isEmpty, left.count <= 100 {
                _ = try await fixture.addUser(left)
                #expect(try await (fixture.users.user(right) != nil) == areEqual)
            }
        }
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "20010db800000000/64"),
        ("2001:DB8:0:0:ffff::", "20010db800000000/64"), ("2001:db8:0:1::", "20010db800000001/64"), ("::1", "0/64"),
        ("unknown", "unknown"), (String(repeating: "x", count: 100), String(repeating: "x", count: 45)),
    ])
    func networks(_ address: String, _ network: String) {
        #expect(ClientNetwork(address).text == network)
    }
}

extension AccountsFixture {
    /// By the fixture's clock.
    var throttle: SignInThrottle {
        SignInThrottle(redisPool, users: users) { [clock] in 1_795_255_200_000 + 1000 * clock.value }
    }

    /// Lets time pass.
    func pass(_ seconds: Int) throws {
        for _ in 0..<seconds { clock.add() }
        try refill()
    }

    /// Gives the strangers together all their attempts again.
    func refill() throws {
        _ = try ask(["DEL", "schedulerd:sign-in:all"])
    }
}
