import Foundation
import MySQL
import Testing

@testable import Scheduler

/// A table that a script beside it makes.
enum CronTable {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Cron").standardized

    static func rows(_ name: String) -> [[String]] {
        guard let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8) else { return [] }
        return text.split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}

struct CronTests {
    private static func next(_ expression: String, _ zone: String, _ start: Int64, count: Int) throws -> [Int64] {
        let cron = ZonedCron(try CronExpression(expression), try #require(ZoneDatabase.system.zone(zone)))
        var time = Timestamp(microseconds: start * 1_000_000)
        var times: [Int64] = []
        while times.count < count, let next = cron.next(after: time) {
            times.append(next.microseconds / 1_000_000)
            time = next
        }
        return times
    }

    /// What croniter says, but for the documented differences when clocks change: Tests/Cron/pairs.py.
    @Test func itComesWhenCroniterSays() throws {
        let rows = CronTable.rows("croniter.tsv")
        #expect(rows.count >= 300)
        #expect(Set(rows.map { $0[1] }).count >= 7)
        var differing = 0
        for row in rows {
            let expected = row[4].split(separator: ",").compactMap { Int64($0) }
            let times = try Self.next(row[0], row[1], try #require(Int64(row[2])), count: expected.count)
            #expect(times == expected, "\(row[0]) in \(row[1]) after \(row[2])")
            if row[3] != row[4] { differing += 1 }
        }
        // Only where clocks change, and there not often.
        #expect(differing > 10 && differing < rows.count / 10)
    }

    @Test(arguments: [
        // Skipped: 2026-03-29T02:00 to 03:00. Doubled: 2026-10-25T02:00 to 03:00.
        ("30 2 * * *", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
        ("30 2 * * *", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
        ("10,50 2 * * *", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-30T00:10:00Z"]),
        ("15 * * * *", "2026-03-29T00:00:00Z", ["2026-03-29T00:15:00Z", "2026-03-29T01:15:00Z"]),
        (
            "15 * * * *", "2026-10-25T00:00:00Z",
            ["2026-10-25T00:15:00Z", "2026-10-25T01:15:00Z", "2026-10-25T02:15:00Z"]
        ),
    ])
    func whenClocksChange(_ expression: String, _ start: String, _ expected: [String]) throws {
        let begin = try #require(Timestamp(rfc3339: start)).microseconds / 1_000_000
        let times = try Self.next(expression, "Europe/Berlin", begin, count: expected.count)
        #expect(times.map { Timestamp(microseconds: $0 * 1_000_000).rfc3339 } == expected)
    }

    @Test func fractionsOfASecondDoNotCount() throws {
        let cron = ZonedCron(try CronExpression("* * * * * *"), .utc)
        #expect(cron.next(after: Timestamp(microseconds: 5_999_999)) == Timestamp(microseconds: 6_000_000))
        #expect(cron.next(after: Timestamp(microseconds: 6_000_000)) == Timestamp(microseconds: 7_000_000))
    }

    @Test(arguments: [
        ("", "five fields"), ("* * * *", "five fields"), ("* * * * * * *", "five fields"), ("60 * * * *", "minute: 60"),
        ("* 24 * * *", "hour: 24"), ("* * 0 * *", "day of month: 0"), ("* * 32 * *", "day of month: 32"),
        ("* * * 13 *", "month: 13"), ("* * * foo *", "jan to dec"), ("* * * * 8", "sun to sat"),
        ("*/0 * * * *", "step"),
        ("*/x * * * *", "step"), ("1,,2 * * * *", "minute: nothing"), ("1- * * * *", "minute: 1-"),
        ("@never", "@daily"),
        ("0 0 30 2 *", "never comes"), ("0 0 31 4,6,9,11 *", "never comes"), ("0 0 * * 5#6", "1 to 5"),
        ("0 0 W * *", "15W"), ("0 0 L-3 * *", "day of month: L-3"), ("? * * * *", "minute: ?"),
        ("-1 * * * *", "minute: -1"),
        ("+1 * * * *", "minute: +1"), ("１ * * * *", "minute"), (String(repeating: "1,", count: 200), "200 characters"),
    ])
    func whatIsNoExpression(_ text: String, _ problem: String) {
        let fault = #expect(throws: CronFault.self) { try CronExpression(text) }
        #expect(fault?.detail.contains(problem) == true, "\(fault?.detail ?? "")")
    }
}

struct TimeZoneTests {
    /// What Python's zoneinfo says, right at the changes and far from them: Tests/Cron/offsets.py.
    @Test func offsetsAreThoseOfPython() throws {
        let rows = CronTable.rows("offsets.tsv")
        #expect(rows.count > 400)
        for row in rows {
            let zone = try #require(ZoneDatabase.system.zone(row[0]), "\(row[0])")
            let time = try #require(Int64(row[1]))
            let span = zone.span(at: time)
            #expect(span.offset == Int64(row[2]), "\(row[0]) at \(time)")
            #expect(span.start.map { $0 <= time } ?? true)
            #expect(span.end.map { time < $0 } ?? true)
            if let start = span.start {
                #expect(zone.span(at: start - 1).offset == span.offsetBefore, "\(row[0]) before \(start)")
            }
            if let end = span.end { #expect(zone.span(at: end).start == end, "\(row[0]) at \(end)") }
        }
    }

    @Test(arguments: [
        "", "../etc/passwd", "/etc/passwd", "Europe/../../../etc/passwd", "Europe/Atlantis", "zone.tab", "Europe",
        "a b",
        "Europe/Berlin\0", ".hidden", String(repeating: "a", count: 65),
    ])
    func whatIsNoZone(_ name: String) {
        #expect(ZoneDatabase.system.zone(name) == nil)
    }

    @Test(arguments: [
        [UInt8](), Array("TZif".utf8), Array(repeating: 255, count: 100),
        Array("TZif2".utf8) + Array(repeating: 255, count: 60),
    ])
    func whatIsNoZoneFile(_ bytes: [UInt8]) {
        #expect(ZoneFile.read(bytes, name: "x") == nil)
    }

    @Test func aFileCutAnywhereIsNone() throws {
        let whole = Array(try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin")))
        #expect(ZoneFile.read(whole, name: "x") != nil)
        for length in stride(from: 0, to: whole.count - 40, by: 97) {
            #expect(ZoneFile.read(Array(whole.prefix(length)), name: "x") == nil, "\(length)")
        }
    }

    @Test(arguments: [
        "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0/3", "CET-1CEST,M3.5.0,M10.5.0/3x", "-1",
        "CET-1:",
    ])
    func whatIsNoRule(_ text: String) {
        #expect(ZoneRule(text) == nil)
    }
}
