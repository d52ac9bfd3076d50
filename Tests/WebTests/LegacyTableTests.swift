import HTTPTypes
import Testing

@testable import Web

/// What delay_queue answers to requests good and bad, byte for byte: gin 1.6 built with Go 1.14. Its one kind of answer
/// that is not kept is `ok` to a URL that nobody can call, on which it crashed later.
struct LegacyTableTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var body: String
        var type: String? = "application/x-www-form-urlencoded"
        /// nil: `ok`.
        var refusal: String?
        var query = ""

        var testDescription: String { name }
    }

    private static let url = "notify_url=http%3A%2F%2Fa.test%2Fclose%3Fx%3D1"
    private static let missingURL = "通知地址参数必须"

    /// As JSON holds it.
    private static func notANumber(_ quoted: String, _ problem: String = "invalid syntax") -> String {
        #"参数错误：strconv.ParseInt: parsing \""# + quoted + #"\": "# + problem
    }

    private static func multipart(_ parts: [(String, String)], end: String = "--\r\n") -> String {
        parts.map { "--b0\r\nContent-Disposition: form-data; \($0)\r\n\r\n\($1)\r\n" }.joined() + "--b0" + end
    }

    private static let parts = [("name=\"notify_url\"", "http://a.test/"), ("name=\"plan_time\"", "1795168800")]
    private static let multipartType = "multipart/form-data; boundary=b0"

    static let cases: [Case] = [
        Case(name: "all fields", body: url + "&plan_time=1795168810&method_name=get&notify_param=order%3D42"),
        Case(name: "POST in any case", body: url + "&plan_time=1795168810&method_name=PoSt&notify_param=a"),
        Case(name: "another method", body: url + "&plan_time=1795168810&method_name=put"),
        Case(name: "no method, no parameter", body: url + "&plan_time=1795168810"),
        Case(name: "unicode and line breaks", body: url + "&plan_time=5&notify_param=%E4%B8%AD%F0%9F%98%80%0D%0A"),
        Case(name: "fields unknown to it", body: url + "&plan_time=5&x=y&z"),
        Case(name: "time 0", body: url + "&plan_time=0"),
        Case(name: "time in the past", body: url + "&plan_time=1"),
        Case(name: "time below 0", body: url + "&plan_time=-5"),
        Case(name: "time with a plus sign", body: url + "&plan_time=%2B1795168810"),
        Case(name: "time with zeros before it", body: url + "&plan_time=000000000000000000000001795168810"),
        Case(name: "the last second of 9999", body: url + "&plan_time=253402300799"),
        Case(name: "the largest number", body: url + "&plan_time=9223372036854775807"),
        Case(name: "the first of two counts", body: url + "&plan_time=5&notify_url=&plan_time=x"),
        Case(name: "semicolons separate too", body: url + ";plan_time=5"),
        Case(name: "a broken escape elsewhere", body: url + "&plan_time=5&notify_param=%zz"),
        Case(
            name: "a content type with parameters", body: url + "&plan_time=5",
            type: "Application/X-WWW-Form-URLencoded; charset=utf-8"),
        Case(name: "a form in parts", body: multipart(parts), type: multipartType),
        Case(
            name: "a form in parts, with a file", body: multipart(parts + [("name=\"f\"; filename=\"x\"", "y")]),
            type: multipartType),
        Case(name: "a quoted boundary", body: multipart(parts), type: "multipart/form-data; boundary=\"b0\""),
        Case(name: "nothing", body: "", refusal: notANumber("")),
        Case(name: "no time", body: url, refusal: notANumber("")),
        Case(name: "no URL", body: "plan_time=5", refusal: missingURL),
        Case(name: "an empty URL", body: "notify_url=&plan_time=5", refusal: missingURL),
        Case(name: "a broken escape in the URL", body: "notify_url=%&plan_time=5", refusal: missingURL),
        Case(name: "a broken escape in the time", body: url + "&plan_time=%5", refusal: notANumber("")),
        Case(name: "a word", body: url + "&plan_time=tomorrow", refusal: notANumber("tomorrow")),
        Case(name: "a fraction", body: url + "&plan_time=1.5", refusal: notANumber("1.5")),
        Case(name: "a plus sign that is a blank", body: url + "&plan_time=+5", refusal: notANumber(" 5")),
        Case(
            name: "a date", body: url + "&plan_time=2026-11-20T10:00:00Z", refusal: notANumber("2026-11-20T10:00:00Z")),
        Case(name: "hexadecimal", body: url + "&plan_time=0x10", refusal: notANumber("0x10")),
        Case(name: "an underscore", body: url + "&plan_time=1_000", refusal: notANumber("1_000")),
        Case(name: "wide digits", body: url + "&plan_time=%EF%BC%95", refusal: notANumber("５")),
        Case(name: "a quote", body: url + "&plan_time=%225%22", refusal: notANumber(#"\\\"5\\\""#)),
        Case(
            name: "what HTML gives a meaning", body: url + "&plan_time=%3C5%26%3E",
            refusal: notANumber(#"\u003c5\u0026\u003e"#)),
        Case(
            name: "control characters", body: url + "&plan_time=5%0A%00%7F", refusal: notANumber(#"5\\n\\x00\\u007f"#)),
        Case(name: "a blank that is no blank", body: url + "&plan_time=5%C2%A0", refusal: notANumber(#"5\\u00a0"#)),
        Case(
            name: "one more than the largest", body: url + "&plan_time=9223372036854775808",
            refusal: notANumber("9223372036854775808", "value out of range")),
        Case(
            name: "one less than the smallest", body: url + "&plan_time=-9223372036854775809",
            refusal: notANumber("-9223372036854775809", "value out of range")),
        Case(
            name: "the first second of 10000", body: url + "&plan_time=253402300800",
            refusal:
                "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: year outside of range [0,9999]"),
        Case(
            name: "JSON", body: #"{"notify_url":"http://a.test/","plan_time":5}"#, type: "application/json",
            refusal: notANumber("")),
        Case(name: "no content type", body: url + "&plan_time=5", type: nil, refusal: notANumber("")),
        Case(name: "fields in the query string", body: "", refusal: notANumber(""), query: "?" + url + "&plan_time=5"),
        Case(
            name: "parts without an end", body: multipart(parts, end: ""), type: multipartType, refusal: notANumber("")),
        Case(
            name: "parts without a boundary", body: multipart(parts), type: "multipart/form-data",
            refusal: notANumber("")),
        Case(
            name: "the time as a file", body: multipart([parts[0], ("name=\"plan_time\"; filename=\"t\"", "5")]),
            type: multipartType, refusal: notANumber("")),
    ]

    @Test(arguments: cases) func answer(_ request: Case) async throws {
        let answer = try await TestAPI().call(
            "POST", "/api/task/save" + request.query, request.body, type: request.type)
        let expected =
            request.refusal.map { #"{"code":"no","data":""# + $0 + #""}"# } ?? #"{"code":"ok","data":"操作成功"}"#
        #expect(answer.text == expected)
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
    }
}
