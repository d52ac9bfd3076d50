import MySQL
import Testing

@testable import Scheduler

@Suite struct CountedHostsTests {
    private static let minute = Timestamp(rfc3339: "2026-11-20T12:00:00Z")!

    @Test func theFirstOfAMinuteAreCountedByThemselves() {
        var hosts = CountedHosts()
        let names = (1...CountedHosts.limit).map { "\($0).example" }
        // However often: what was counted by itself goes on being so.
        for _ in 1...2 { for name in names { #expect(hosts.counted(name, at: Self.minute) == name) } }
        #expect(hosts.counted("late.example", at: Self.minute) == "")
        #expect(hosts.counted("1.example", at: Self.minute) == "1.example")
    }

    @Test func eachMinuteBeginsAnew() {
        var hosts = CountedHosts()
        for number in 0..<CountedHosts.limit { _ = hosts.counted("\(number)", at: Self.minute) }
        #expect(hosts.counted("x", at: Self.minute + .seconds(60)) == "x")
        // A call that ended before the minute did, and is judged later, does not open the old one again.
        for number in 1..<CountedHosts.limit { _ = hosts.counted("\(number)", at: Self.minute) }
        #expect(hosts.counted("y", at: Self.minute) == "")
        #expect(hosts.counted("y", at: Self.minute + .seconds(60)) == "")
    }
}
