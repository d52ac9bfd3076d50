import Testing
import Transfer

@testable import Scheduler

/// Answers judged by a task's own criteria.
@Suite struct CustomRuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let criteria: String
        let status: Int
        let body: String
        /// nil: it is a success.
        let message: String?
        var testDescription: String { "\(criteria) \(status) \(body)" }

        init(_ criteria: String, _ status: Int, _ body: String = "", _ message: String? = nil) {
            self.criteria = criteria
            self.status = status
            self.body = body
            self.message = message
        }
    }

    static let cases = [
        Case(#"{"statuses":["2xx",404,"300-304"]}"#, 204), Case(#"{"statuses":["2xx",404,"300-304"]}"#, 404),
        Case(#"{"statuses":["2xx",404,"300-304"]}"#, 300), Case(#"{"statuses":["2xx",404,"300-304"]}"#, 304),
        Case(#"{"statuses":["2xx",404,"300-304"]}"#, 305, "", "status 305, 2xx, 404, 300-304 is success"),
        Case(#"{"statuses":[404]}"#, 200, "", "status 200, 404 is success"),
        // Without statuses any will do.
        Case(#"{"body_contains":"done"}"#, 500, "all done"),
        Case(#"{"body_contains":"done"}"#, 200, "Done", #"the answer does not contain "done""#),
        Case(#"{"body_contains":"aab"}"#, 200, "aaab"),
        Case(#"{"body_contains":"done"}"#, 200, "don", "does not contain"),
        Case(#"{"body_contains":"done"}"#, 200, "", "does not contain"), Case(#"{"body_contains":"é"}"#, 200, "né"),
        Case(#"{"body_matches":"^ok\\b"}"#, 200, "ok then"),
        Case(#"{"body_matches":"^ok\\b"}"#, 200, "okay", #"the answer does not match "^ok\b""#),
        Case(#"{"json":[{"path":"$.code","equals":0}]}"#, 200, #"{"code":0.0}"#),
        Case(#"{"json":[{"path":"$.code","equals":0}]}"#, 200, #"{"code":"0"}"#, #"$.code is "0", 0 is success"#),
        Case(#"{"json":[{"path":"$.a.b[0]","equals":"x"}]}"#, 200, #"{"a":{"b":["x"]}}"#),
        Case(#"{"json":[{"path":"$.a.b[0]","equals":"x"}]}"#, 200, #"{"a":{"b":[]}}"#, "the answer has no $.a.b[0]"),
        Case(#"{"json":[{"path":"$.z","equals":null}]}"#, 200, #"{"z":null}"#),
        Case(#"{"json":[{"path":"$.z","equals":null}]}"#, 200, "{}", "the answer has no $.z"),
        Case(#"{"json":[{"path":"$","equals":true}]}"#, 200, " true "),
        Case(#"{"json":[{"path":"$.a","equals":1}]}"#, 200, #"{"a":1} x"#, "the answer is not JSON"),
        Case(#"{"json":[{"path":"$.a","equals":1}]}"#, 200, "", "the answer is not JSON"),
        Case(#"{"json":[{"path":"$.a","equals":1}]}"#, 200, #"{"a":1,"b":tru}"#, "the answer is not JSON"),
        // All must hold.
        Case(#"{"json":[{"path":"$.a","equals":1},{"path":"$.b","equals":2}]}"#, 200, #"{"a":1,"b":2}"#),
        Case(#"{"json":[{"path":"$.a","equals":1},{"path":"$.b","equals":2}]}"#, 200, #"{"a":1,"b":3}"#, "$.b is 3"),
        Case(#"{"statuses":[200],"body_contains":"a","body_matches":"b"}"#, 200, "ab"),
        Case(#"{"statuses":[200],"body_contains":"a","body_matches":"b"}"#, 200, "a", "does not match"),
        Case(#"{"statuses":[200],"body_contains":"a","body_matches":"b"}"#, 200, "b", "does not contain"),
        Case(#"{"statuses":[200],"body_contains":"a","body_matches":"b"}"#, 201, "ab", "status 201"),
        Case(#"{"rule":"status_2xx","body_contains":"a"}"#, 500, "a", "status 500, 200 to 299 is success"),
        Case(#"{"rule":"legacy_json_success","statuses":[200]}"#, 200, "{}", "not a JSON object with"),
        Case(#"{"rule":"legacy_contains_success","statuses":["2xx"]}"#, 200, "SUCCESS"),
    ]

    static func rule(_ criteria: String) throws -> SuccessRule {
        try #require(SuccessRule(storedName: "custom", criteria: criteria))
    }

    @Test(arguments: cases) func isJudged(expected: Case) throws {
        let result = JudgeTests.result(expected.status, Array(expected.body.utf8))
        let judgement = Judgement(result, by: try Self.rule(expected.criteria))
        #expect(judgement.succeeded == (expected.message == nil))
        #expect(judgement.message == nil || judgement.message!.contains(expected.message ?? "\0"), "\(judgement)")
        #expect(judgement.outcomeClass == (judgement.succeeded ? "success" : isStatus(judgement) ? "status" : "rule"))
        #expect(!judgement.isFinal)
    }

    private func isStatus(_ judgement: Judgement) -> Bool { judgement.message?.hasPrefix("status") == true }

    @Test(arguments: [
        (#"{"rule":"status_2xx","permanent_failure":[400,"410-499"]}"#, 400, true),
        (#"{"rule":"status_2xx","permanent_failure":[400,"410-499"]}"#, 401, false),
        (#"{"rule":"status_2xx","permanent_failure":[400,"410-499"]}"#, 429, true),
        (#"{"rule":"status_2xx","permanent_failure":["4xx"]}"#, 503, false),
        // An answer that is no success for another reason.
        (#"{"statuses":[200],"body_contains":"ok","permanent_failure":[200]}"#, 200, true),
    ])
    func somethingsAreFinal(criteria: String, status: Int, isFinal: Bool) throws {
        let judgement = Judgement(JudgeTests.result(status), by: try Self.rule(criteria))
        #expect(!judgement.succeeded)
        #expect(judgement.isFinal == isFinal)
        #expect(judgement.message?.hasSuffix("; success.permanent_failure has status \(status)") == isFinal)
    }

    @Test func aSuccessIsNeverFinal() throws {
        let rule = try Self.rule(#"{"statuses":[404],"permanent_failure":["4xx"]}"#)
        #expect(Judgement(JudgeTests.result(404), by: rule) == .success)
    }

    /// The status had come before it broke.
    @Test(arguments: [(400, true), (0, false)]) func aBrokenCall(status: Int, isFinal: Bool) throws {
        var result = JudgeTests.result(status)
        result.failure = TransferFailure(kind: .receive, message: "broke")
        let judgement = Judgement(result, by: try Self.rule(#"{"statuses":[404],"permanent_failure":["4xx"]}"#))
        #expect(judgement.outcomeClass == "receive")
        #expect(judgement.isFinal == isFinal)
    }

    @Test func anAnswerThatWasCutIsNoJSON() throws {
        var result = JudgeTests.result(200, Array(#"{"a":1,"b":"xx"#.utf8))
        result.bodyTruncated = true
        let judgement = Judgement(result, by: try Self.rule(#"{"json":[{"path":"$.a","equals":1}]}"#))
        #expect(judgement.message?.contains("dispatch.response_limit_bytes") == true)
    }

    @Test func anAnswerBeyondAPatternsReachIsNoSuccess() throws {
        let result = JudgeTests.result(200, Array(repeating: UInt8(ascii: "a"), count: 200_000))
        let judgement = Judgement(result, by: try Self.rule(#"{"body_matches":"\\pL+"}"#))
        #expect(judgement.message?.contains("bytes in which \"\\pL+\" may be searched for") == true, "\(judgement)")
        #expect(Judgement(result, by: try Self.rule(#"{"body_matches":"a+"}"#)).succeeded)
    }

    @Test func messagesStayShort() throws {
        let long = String(repeating: "x", count: 1000)
        for criteria in [
            #"{"body_contains":"\#(long)"}"#, #"{"body_matches":"\#(long)"}"#,
            #"{"json":[{"path":"$.a","equals":"\#(long)"}]}"#,
        ] {
            let result = JudgeTests.result(200, Array(#"{"a":"\#(long)y"}"#.utf8))
            var other = result
            other.body.removeAll { $0 == UInt8(ascii: "x") }
            let judgement = Judgement(criteria.contains("json") ? result : other, by: try Self.rule(criteria))
            #expect(judgement.message.map { $0.count < 300 } == true, "\(judgement)")
        }
    }

    /// Bodies that would keep a careless reader busy for long.
    @Test(arguments: [
        String(repeating: #"{"a":"#, count: 13_000), String(repeating: "[", count: 65_000),
        String(repeating: #"{"a":"#, count: 9_000) + "1" + String(repeating: "}", count: 9_000),
        "[" + String(repeating: "[],", count: 20_000) + "0]",
        #"{""# + String(repeating: "\\u0061", count: 10_000) + #"":1}"#,
        String(repeating: "a", count: 65_536),
    ])
    func hostileBodies(body: String) throws {
        let path = "$" + String(repeating: ".a", count: 32)
        let json = (0..<10).map { #"{"path":"\#(path)","equals":\#($0)}"# }.joined(separator: ",")
        let rule = try Self.rule(
            #"{"json":[\#(json)]}"#)
        #expect(!Judgement(JudgeTests.result(200, Array(body.utf8)), by: rule).succeeded)
        let search = try Self.rule(#"{"body_contains":"\#(String(repeating: "a", count: 999))b"}"#)
        #expect(!Judgement(JudgeTests.result(200, Array(body.utf8)), by: search).succeeded)
    }
}
