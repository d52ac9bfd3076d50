import Testing

@testable import Scheduler

@Suite struct CallbackRequestTests {
    static let headers: [[HeaderField]] = [
        [],
        [HeaderField(name: "X-A", value: "b")],
        [HeaderField(name: "X-A", value: "")],
        [HeaderField(name: "X-A", value: "b"), HeaderField(name: "X-B", value: "c: d, e:f")],
        [HeaderField(name: "X-A", value: "  leading"), HeaderField(name: "X-B", value: "trailing  ")],
        [HeaderField(name: "X-A", value: "\ttab")],
        [HeaderField(name: "X-A", value: "ж 中 😀"), HeaderField(name: "X-B", value: "\u{301}joins")],
        [HeaderField(name: "!#$%&'*+-.^_`|~", value: ":")],
        (0..<50).map { HeaderField(name: "X-\($0)", value: String(repeating: "v", count: $0)) },
    ]

    @Test(arguments: headers) func headerTextBothWays(headers: [HeaderField]) {
        let request = CallbackRequest(method: "POST", url: "http://a.example/", headers: headers)
        let decoded = CallbackRequest.headers(fromText: request.headerText)
        #expect(decoded.count == headers.count)
        for (decoded, header) in zip(decoded, headers) {
            #expect(Array(decoded.name.utf8) == Array(header.name.utf8))
            #expect(Array(decoded.value.utf8) == Array(header.value.utf8))
        }
    }

    @Test func noHeadersAreNoText() {
        #expect(CallbackRequest(method: "GET", url: "http://a.example/").headerText == nil)
        #expect(CallbackRequest.headers(fromText: nil).isEmpty)
        #expect(CallbackRequest.headers(fromText: "").isEmpty)
    }

    @Test func textWithoutTheSpaceIsReadToo() {
        #expect(
            CallbackRequest.headers(fromText: "X-A:b\nno colon\n\nX-B: c") == [
                HeaderField(name: "X-A", value: "b"), HeaderField(name: "X-B", value: "c"),
            ])
    }

    @Test(arguments: CallbackRequest.methods) func bodyIsSentWithAllButGetAndHead(method: String) {
        #expect(CallbackRequest.sendsBody(method: method) == !["GET", "HEAD"].contains(method))
    }

    @Test(arguments: [1, 2, 100]) func identityHeaders(attempt: Int) {
        let id = TaskID(high: 0x0192_ABCD_EF01_7123, low: 0x8456_7890_ABCD_EF01)
        #expect(
            CallbackHeaders.identity(of: id, attempt: attempt) == [
                HeaderField(name: "X-Task-Id", value: "0192abcd-ef01-7123-8456-7890abcdef01"),
                HeaderField(name: "X-Task-Attempt", value: "\(attempt)"),
                HeaderField(name: "Idempotency-Key", value: "0192abcd-ef01-7123-8456-7890abcdef01"),
            ])
    }

    static let labels: [[String: String]] = [
        [:], ["order": "42"], ["a": "", "b": "\"\\/ж😀", "c.d-e_f": "x y"],
    ]

    @Test(arguments: labels) func labelsBothWays(labels: [String: String]) {
        #expect(Labels.decode(Labels.text(labels)) == labels)
    }

    @Test(arguments: ["", "[]", "{\"a\": 1}", "{", "null"]) func foreignLabelsAreShownAsNone(text: String) {
        #expect(Labels.decode(text).isEmpty)
    }
}
