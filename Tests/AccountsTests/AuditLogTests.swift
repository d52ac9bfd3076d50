import Foundation
import MySQL
import TestSupport
import Testing

@testable import Accounts

// One database after the other: changes of schemas keep a server busy that other tests need.
@Suite(.serialized) struct AuditLogTests {
    @Test func anEventIsKeptAsGiven() async throws {
        try await AccountsFixture.with { fixture in
            var event = AuditEvent(
                .taskEdit, actor: "管理员", userID: 7, subject: "0196f0c5-0000-7000-8000-000000000001",
                before: AuditState(["url": "http://a/"]), after: AuditState(["url": "http://\"b\"\\/\n😀"]))
            event.address = "2001:db8::1"
            event.userAgent = "<script>"
            try await fixture.log.record(event)
            try await fixture.log.record(AuditEvent(.signInFailed, actor: ""))
            let page = try await fixture.log.events(AuditFilter(), limit: 10)
            #expect(page.next == nil)
            #expect(page.events.map(\.action) == ["sign_in_failed", "task.edit"])
            let kept = page.events[1]
            #expect(kept.actor == event.actor && kept.userID == 7 && kept.subject == event.subject)
            #expect(kept.address == event.address && kept.userAgent == event.userAgent)
            #expect(kept.before == event.before?.json && kept.after == event.after?.json)
            #expect(page.events[0].userID == nil && page.events[0].before == nil && page.events[0].after == nil)
            #expect(page.events[0].at >= kept.at)
        }
    }

    @Test func whatIsTooLongIsCut() async throws {
        try await AccountsFixture.with { fixture in
            let long = String(repeating: "😀", count: 30_000)
            var event = AuditEvent(
                .signInFailed, actor: long, subject: long, before: AuditState(json: #"{"a":"\#(long)"}"#))
            (event.address, event.userAgent) = (long, long)
            try await fixture.log.record(event)
            let kept = try await fixture.log.events(AuditFilter(), limit: 1).events[0]
            #expect([kept.actor, kept.address, kept.userAgent, kept.subject].map(\.count) == [100, 64, 255, 190])
            #expect(kept.before == #"{"omitted_bytes":120008}"#)
        }
    }

    @Test func pagesAreOldToNewBackwardsWithoutGaps() async throws {
        try await AccountsFixture.with { fixture in
            for number in 0..<25 {
                try await fixture.log.record(AuditEvent(.taskRun, actor: "alice", subject: "\(number)"))
            }
            var (seen, next, pages) = ([String](), UInt64?.none, 0)
            repeat {
                let page = try await fixture.log.events(AuditFilter(), before: next, limit: 10)
                seen += page.events.map(\.subject)
                (next, pages) = (page.next, pages + 1)
            } while next != nil
            #expect(seen == (0..<25).reversed().map(String.init))
            #expect(pages == 3)
            #expect(try await fixture.log.events(AuditFilter(), limit: 25).next == nil)
            #expect(try await fixture.log.events(AuditFilter(), limit: 0).events.count == 1)
        }
    }

    @Test func filters() async throws {
        try await AccountsFixture.with { fixture in
            for actor in ["alice", "bob"] {
                for action in [AuditAction.taskRun, .taskCancel] {
                    for subject in ["x", "y"] {
                        try await fixture.log.record(AuditEvent(action, actor: actor, subject: subject))
                    }
                }
            }
            func found(_ change: (inout AuditFilter) -> Void) async throws -> [String] {
                var filter = AuditFilter()
                change(&filter)
                let page = try await fixture.log.events(filter, limit: 10)
                #expect(page.next == nil)
                return page.events.map { "\($0.actor) \($0.action) \($0.subject)" }
            }
            #expect(try await found { $0.actor = "ALICE" }.count == 4)
            #expect(try await found { $0.action = .taskRun }.count == 4)
            #expect(try await found { $0.subject = "Y" }.count == 4)
            #expect(
                try await found { ($0.actor, $0.subject) = ("bob", "x") } == ["bob task.cancel x", "bob task.run x"])
            #expect(
                try await found { ($0.actor, $0.action, $0.subject) = ("bob", .taskCancel, "y") }
                    == ["bob task.cancel y"])
            #expect(try await found { $0.actor = "carol" }.isEmpty)
        }
    }

    @Test func times() async throws {
        try await AccountsFixture.with { fixture in
            let start = Timestamp(microseconds: 1_795_255_200_000_000)
            let connection = try fixture.database.connect()
            for number in 0..<20 {
                try await fixture.log.record(AuditEvent(.taskRun, actor: "alice", subject: "\(number)"))
                // Two that overtook each other.
                let minutes = number == 9 ? 10 : number == 10 ? 9 : number
                try connection.run(
                    """
                    UPDATE hs_audit_events SET at = \(start + .seconds(number == minutes ? 60 * number : 540 + minutes))
                    WHERE subject = \("\(number)")
                    """)
            }
            func found(_ from: Duration?, _ to: Duration?) async throws -> [String] {
                var filter = AuditFilter()
                filter.from = from.map { start + $0 }
                filter.to = to.map { start + $0 }
                let page = try await fixture.log.events(filter, limit: 50)
                #expect(page.next == nil)
                return page.events.map(\.subject)
            }
            #expect(try await found(.seconds(60), .seconds(180)) == ["2", "1"])
            #expect(try await found(.seconds(1080), nil) == ["19", "18"])
            #expect(try await found(nil, .seconds(60)) == ["0"])
            #expect(try await found(.seconds(540), .seconds(550)) == ["10"])
            #expect(try await found(.seconds(550), .seconds(600)) == ["9"])
            #expect(try await found(.seconds(86_400), nil).isEmpty)
            #expect(try await found(nil, .seconds(-60)).isEmpty)
            #expect(try await found(.seconds(180), .seconds(60)).isEmpty)
            var all = AuditFilter()
            (all.from, all.to) = (Timestamp.range.lowerBound, Timestamp.range.upperBound)
            #expect(try await fixture.log.events(all, limit: 50).events.count == 20)
        }
    }

    /// A rare event among many: each page looks at a part of them and says where to go on.
    @Test func whatAPageLooksAtIsBounded() async throws {
        try await AccountsFixture.with { fixture in
            try await fixture.log.record(AuditEvent(.signOut, actor: "alice", subject: "the one"))
            let connection = try fixture.database.connect()
            let row = "(UTC_TIMESTAMP(6), 'alice', '', '', 'task.run', '')"
            for _ in 0..<12 {
                try connection.run(
                    text: "INSERT INTO hs_audit_events (at, actor, address, user_agent, action, subject) VALUES "
                        + Array(repeating: row, count: 1000).joined(separator: ", "))
            }
            var filter = AuditFilter()
            (filter.actor, filter.action) = ("alice", .signOut)
            var (found, next, pages) = ([AuditRecord](), UInt64?.none, 0)
            repeat {
                let page = try await fixture.log.events(filter, before: next, limit: 10)
                found += page.events
                (next, pages) = (page.next, pages + 1)
            } while next != nil
            #expect(found.map(\.subject) == ["the one"])
            #expect(pages == 3)
        }
    }
}

@Suite struct AuditStateTests {
    @Test(arguments: ["", "a", "\"\\/", "\u{0}\u{1}\n\t\u{1F}\u{7F}", "管理员 😀 é", "</script>"])
    func textsAreQuoted(_ text: String) throws {
        let state = AuditState([text: text, "b": "c"])
        let object = try JSONSerialization.jsonObject(with: Data(state.json.utf8)) as? [String: String]
        #expect(object == [text: text, "b": "c"])
    }
}

extension AccountsFixture {
    var log: AuditLog { AuditLog(pool, prefix: "hs_") }
}
