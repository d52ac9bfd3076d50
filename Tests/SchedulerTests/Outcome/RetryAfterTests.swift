import MySQL
import Testing

@testable import Scheduler

@Suite struct RetryAfterTests {
    static let end = Timestamp(rfc3339: "2026-11-21T12:00:00.5Z")!

    /// Seconds after the end of the attempt; nil: nothing to wait for. The limit is an hour.
    @Test(
        arguments: [
            (nil, nil), ("120", 120), ("1", 1), ("0", nil), ("3600", 3600), ("3601", 3600),
            ("99999999999999999999999999", 3600), ("", nil), ("-1", nil), ("1.5", nil), ("2 minutes", nil), ("٣", nil),
            ("Sat, 21 Nov 2026 12:00:10 GMT", 9.5), ("Sat, 21 Nov 2026 12:00:00 GMT", nil),
            ("Sat, 21 Nov 2020 12:00:00 GMT", nil), ("Sat, 21 Nov 2026 13:00:01 GMT", 3600),
            ("Saturday, 21-Nov-26 12:01:00 GMT", 59.5), ("Sat Nov 21 12:01:00 2026", 59.5),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 3600), ("tomorrow", nil),
        ] as [(String?, Double?)])
    func pause(_ text: String?, _ seconds: Double?) {
        let time = RetryAfter.time(text, end: Self.end, limit: .seconds(3600))
        #expect(time == seconds.map { Self.end + .milliseconds(Int64($0 * 1000)) })
    }

    @Test(arguments: ["120", "Sat, 21 Nov 2026 12:00:10 GMT"]) func withoutALimitNothingIsPutOff(_ text: String) {
        #expect(RetryAfter.time(text, end: Self.end, limit: .zero) == nil)
    }
}
