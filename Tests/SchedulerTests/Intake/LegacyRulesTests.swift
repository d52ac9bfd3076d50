import MySQL
import Testing

@testable import Scheduler

/// The old form, read as delay_queue reads it.
@Suite struct LegacyRulesTests {
    static let now = Timestamp(microseconds: 1_795_255_200_250_000)

    static func form(_ planTime: String, method: String = "", param: String = "") -> LegacyForm {
        var form = LegacyForm()
        form.notifyURL = "http://receiver.example/hook"
        form.planTime = planTime
        form.methodName = method
        form.notifyParam = param
        return form
    }

    static func rules(getParam: Configuration.Legacy.GetParam = .ignore) -> LegacyRules {
        var configuration = Configuration()
        configuration.legacy.getParam = getParam
        return LegacyRules(configuration)
    }

    /// Text and unix seconds; nil: ten seconds from now.
    static let times: [(String, Int64?)] = [
        ("1795255201", 1_795_255_201), ("+1795255201", 1_795_255_201), ("0001795255201", 1_795_255_201),
        ("253402300799", 253_402_300_799), ("1795255200", nil), ("1795255199", nil), ("0", nil), ("-0", nil),
        ("+5", nil),
        ("-1", nil), ("-9223372036854775808", nil), ("9223372036854775807", nil), ("9223371974719179008", nil),
    ]

    @Test(arguments: times) func planTime(text: String, seconds: Int64?) throws {
        let task = try Self.rules().check(Self.form(text), now: Self.now)
        #expect(
            task.planTime == seconds.map { Timestamp(microseconds: $0 * 1_000_000) } ?? Self.now + .seconds(10))
    }

    static let badTimes: [(String, String)] = [
        ("", "strconv.ParseInt: parsing \"\": invalid syntax"),
        (" 5", "strconv.ParseInt: parsing \" 5\": invalid syntax"),
        ("5 ", "strconv.ParseInt: parsing \"5 \": invalid syntax"),
        ("abc", "strconv.ParseInt: parsing \"abc\": invalid syntax"),
        ("+", "strconv.ParseInt: parsing \"+\": invalid syntax"),
        ("--5", "strconv.ParseInt: parsing \"--5\": invalid syntax"),
        ("1.5", "strconv.ParseInt: parsing \"1.5\": invalid syntax"),
        ("1e9", "strconv.ParseInt: parsing \"1e9\": invalid syntax"),
        ("0x10", "strconv.ParseInt: parsing \"0x10\": invalid syntax"),
        ("1_000", "strconv.ParseInt: parsing \"1_000\": invalid syntax"),
        ("１２", "strconv.ParseInt: parsing \"１２\": invalid syntax"),
        ("a\"b\\c\n\t\u{1}\u{7F}", #"strconv.ParseInt: parsing "a\"b\\c\n\t\x01\u007f": invalid syntax"#),
        ("5\u{A0}\u{3000}", #"strconv.ParseInt: parsing "5\u00a0\u3000": invalid syntax"#),
        ("\u{FEFF}5\u{E0001}", #"strconv.ParseInt: parsing "\ufeff5\U000e0001": invalid syntax"#),
        ("9223372036854775808", "strconv.ParseInt: parsing \"9223372036854775808\": value out of range"),
        ("-9223372036854775809", "strconv.ParseInt: parsing \"-9223372036854775809\": value out of range"),
        ("99999999999999999999", "strconv.ParseInt: parsing \"99999999999999999999\": value out of range"),
    ]

    @Test(arguments: badTimes) func badPlanTime(text: String, reason: String) {
        #expect(throws: LegacyRefusal(reason: "参数错误：\(reason)")) {
            try Self.rules().check(Self.form(text), now: Self.now)
        }
    }

    /// In the words of Go's JSON.
    @Test(arguments: ["253402300800", "9223371974719179007"]) func aTimeThatJSONCannotHold(text: String) {
        let reason =
            "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: year outside of range [0,9999]"
        #expect(throws: LegacyRefusal(reason: reason)) { try Self.rules().check(Self.form(text), now: Self.now) }
    }

    @Test func theURLIsNeeded() {
        var form = Self.form("0")
        form.notifyURL = ""
        #expect(throws: LegacyRefusal(reason: "通知地址参数必须")) { try Self.rules().check(form, now: Self.now) }
        // The time is looked at first, as there.
        form.planTime = "x"
        #expect(throws: LegacyRefusal(reason: "参数错误：strconv.ParseInt: parsing \"x\": invalid syntax")) {
            try Self.rules().check(form, now: Self.now)
        }
    }

    @Test(arguments: ["ftp://a.example/", "x", "http://169.254.169.254/", "http://u:p@a.example/"])
    func aURLThatCannotBeCalledIsRefused(url: String) {
        var form = Self.form("0")
        form.notifyURL = url
        let refusal = #expect(throws: LegacyRefusal.self) { try Self.rules().check(form, now: Self.now) }
        #expect(refusal?.reason.hasPrefix("参数错误：notify_url ") == true)
    }

    /// A POST for "post" in any case, a GET for everything else.
    @Test(arguments: [
        ("post", "POST"), ("POST", "POST"), ("Post", "POST"), ("", "GET"), ("get", "GET"), ("GET", "GET"),
        ("put", "GET"), ("DELETE", "GET"), (" post", "GET"), ("nonsense", "GET"),
    ])
    func method(name: String, method: String) throws {
        let task = try Self.rules().check(Self.form("0", method: name, param: "a=1"), now: Self.now)
        #expect(task.request.method == method)
        #expect(task.request.url == "http://receiver.example/hook")
        #expect(task.request.body == Array("a=1".utf8))
        let type = HeaderField(name: "Content-Type", value: "application/x-www-form-urlencoded")
        #expect(task.request.headers == (method == "POST" ? [type] : []))
    }

    static let queries: [(String, String, String, String)] = [
        ("get", "http://a.example/x", "a=1&b=2", "http://a.example/x?a=1&b=2"),
        ("get", "http://a.example/x?c=3", "a=1", "http://a.example/x?c=3&a=1"),
        ("get", "http://a.example/x", "", "http://a.example/x"),
        ("post", "http://a.example/x", "a=1", "http://a.example/x"),
    ]

    @Test(arguments: queries) func parameterAsQuery(method: String, url: String, param: String, called: String) throws {
        var form = Self.form("0", method: method, param: param)
        form.notifyURL = url
        #expect(try Self.rules(getParam: .query).check(form, now: Self.now).request.url == called)
        #expect(try Self.rules().check(form, now: Self.now).request.url == url)
    }

    @Test(arguments: ["a b", "a\r\nb", "\0"]) func aParameterThatBreaksTheQueryIsRefused(param: String) {
        #expect(throws: LegacyRefusal.self) {
            try Self.rules(getParam: .query).check(Self.form("0", param: param), now: Self.now)
        }
        #expect(throws: Never.self) { try Self.rules().check(Self.form("0", param: param), now: Self.now) }
    }

    @Test func theRestIsTheOldProgramsToo() throws {
        let task = try Self.rules().check(Self.form("0"), now: Self.now)
        #expect(task.queue == "default")
        #expect(task.successRule == .legacyJSONSuccess)
        #expect(task.retrySchedule == TaskRules(Configuration()).retrySchedule)
        #expect(task.timeout == .seconds(15))
        #expect(task.onLost == .retry)
        #expect(task.request.maxRedirects == 10)
    }
}
