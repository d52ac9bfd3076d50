import MySQL
import Testing

@testable import Scheduler

@Suite struct HTTPDateTests {
    static let now = Timestamp(rfc3339: "2026-11-21T12:00:00Z")!

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"),
        ("Sat, 21 Nov 2026 12:00:01 GMT", "2026-11-21T12:00:01Z"),
        ("Saturday, 21-Nov-26 23:59:60 GMT", "2026-11-22T00:00:00Z"),
        ("Monday, 01-Jan-76 00:00:00 GMT", "2076-01-01T00:00:00Z"),
        ("Friday, 01-Jan-77 00:00:00 GMT", "1977-01-01T00:00:00Z"),
        ("Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29T00:00:00Z"),
        // No day of the week is checked.
        ("Xyz, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z"),
    ])
    func forms(_ text: String, _ time: String) {
        #expect(Timestamp(httpDate: text, now: Self.now)?.rfc3339 == time)
    }

    @Test(arguments: [
        "", " ", "soon", "120", "2026-11-21T12:00:01Z", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 31 Feb 2026 00:00:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov 32 08:49:37 1994", "Sun Nov  6 08:49:37 94", "Sun, 06 Nov 99999 08:49:37 GMT",
        "Sun, 06 Nov ٢٠٢٦ 08:49:37 GMT",
    ])
    func others(_ text: String) {
        #expect(Timestamp(httpDate: text, now: Self.now) == nil)
    }
}
