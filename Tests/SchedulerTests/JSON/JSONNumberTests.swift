import Testing

@testable import Scheduler

@Suite struct JSONNumberTests {
    @Test(arguments: [
        ("0", JSONNumber.Whole.number(0)), ("-0.0", .number(0)), ("0e99", .number(0)), ("780", .number(780)),
        ("780.0", .number(780)), ("7.8e2", .number(780)), ("7800E-1", .number(780)), ("-12.000", .number(-12)),
        ("9223372036854775807", .number(.max)), ("-9223372036854775808", .number(.min)),
        ("9223372036854775808", .outOfRange), ("1e19", .outOfRange), ("-1e400", .outOfRange),
        ("1e99999999999", .outOfRange), ("0.5", .fraction), ("-7.81e1", .fraction), ("1e-400", .fraction),
        ("-1e-99999999999", .fraction),
    ])
    func wholeNumbers(text: String, whole: JSONNumber.Whole) {
        #expect(JSONNumber(text.utf8).whole == whole)
    }
}
