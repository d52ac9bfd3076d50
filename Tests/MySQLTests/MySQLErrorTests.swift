import MySQL
import Testing

/// What is done about each error.
@Suite struct MySQLErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let code: UInt32
        let remedy: MySQLError.Remedy
        let losesConnection: Bool
        var testDescription: String { "\(code)" }

        init(_ code: UInt32, _ remedy: MySQLError.Remedy, loses losesConnection: Bool = false) {
            self.code = code
            self.remedy = remedy
            self.losesConnection = losesConnection
        }
    }

    static let cases = [
        // Rolled back for reasons of others.
        Case(1213, .retryTransaction), Case(1205, .retryTransaction), Case(1020, .retryTransaction),
        Case(1317, .retryTransaction),
        // The session is over.
        Case(1053, .reconnect, loses: true), Case(1927, .reconnect, loses: true), Case(2006, .reconnect, loses: true),
        Case(2013, .reconnect, loses: true), Case(2014, .reconnect, loses: true), Case(2055, .reconnect, loses: true),
        Case(4031, .reconnect, loses: true),
        // It lives, on a server that takes no changes any more.
        Case(1290, .reconnect, loses: true),
        // None could be had.
        Case(2002, .reconnect, loses: true), Case(2003, .reconnect, loses: true), Case(1040, .reconnect),
        Case(1, .reconnect), Case(2, .reconnect),
        // Trying again does not help.
        Case(3, .none), Case(4, .none), Case(5, .none), Case(1045, .none), Case(1049, .none), Case(1048, .none),
        Case(1062, .none), Case(1064, .none), Case(1146, .none), Case(1406, .none), Case(3024, .none),
    ]

    @Test(arguments: cases) func remedy(expected: Case) {
        let error = MySQLError(.init(rawValue: expected.code), "said the server")
        #expect(error.remedy == expected.remedy)
        #expect(error.isTransient == (expected.remedy != .none))
        #expect(error.losesConnection == expected.losesConnection)
    }

    @Test func onlyALostConnectionLeavesACommitUnknown() {
        let lost = MySQLError(.serverLost, "gone").duringCommit
        #expect(lost.isCommitUnknown)
        #expect(lost.description == "MySQL error 2013: gone (during COMMIT: outcome unknown)")
        let deadlock = MySQLError(.deadlock, "found").duringCommit
        #expect(!deadlock.isCommitUnknown)
        #expect(deadlock.description == "MySQL error 1213: found")
    }
}
