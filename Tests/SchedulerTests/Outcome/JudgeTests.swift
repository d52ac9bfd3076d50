import Testing
import Transfer

@testable import Scheduler

@Suite struct JudgeTests {
    static func result(_ status: Int, _ body: [UInt8] = []) -> TransferResult {
        var result = TransferResult(token: 1, firedAt: .now, finishedAt: .now)
        result.status = status
        result.body = body
        return result
    }

    @Test(arguments: [
        (200, true), (201, true), (204, true), (299, true), (199, false), (300, false), (302, false), (404, false),
        (500, false), (999, false),
    ])
    func statusRule(status: Int, succeeds: Bool) {
        let judgement = Judgement(Self.result(status), by: .status2xx)
        #expect(judgement.succeeded == succeeds)
        #expect(judgement.outcomeClass == (succeeds ? "success" : "status"))
        #expect((judgement.message == nil) == succeeds)
    }

    @Test(arguments: TransferFailure.Kind.allCases, SuccessRule.NamedRule.allCases.map(SuccessRule.named))
    func aBrokenCallIsAFailureByAnyRule(kind: TransferFailure.Kind, rule: SuccessRule) {
        // Also when the status and the body came before it broke.
        var result = Self.result(200, Array(#"{"success":true}"#.utf8))
        result.failure = TransferFailure(kind: kind, message: "broke")
        let judgement = Judgement(result, by: rule)
        #expect(judgement == Judgement(succeeded: false, outcomeClass: kind.rawValue, message: "broke"))
    }

    @Test(arguments: [201, 204, 302, 400, 500]) func legacyRuleWantsStatus200(status: Int) {
        let judgement = Judgement(Self.result(status, Array(#"{"success":true}"#.utf8)), by: .legacyJSONSuccess)
        #expect(!judgement.succeeded)
        #expect(judgement.outcomeClass == "status")
    }

    /// Bodies that Go's `encoding/json` reads into `struct { Success bool `json:"success"` }` as true.
    @Test(arguments: [
        #"{"success":true}"#, " \t\r\n{ \"success\" :\ttrue } \n", #"{"Success":true}"#, #"{"SUCCESS":true}"#,
        #"{"a":1,"success":true,"b":[1,{"c":null}]}"#, #"{"success":false,"success":true}"#,
        #"{"success":false,"SUCCESS":true}"#, #"{"success":true,"success":null}"#, #"{"\u0073uccess":true}"#,
        #"{"\u017fucce\u017fs":true}"#, #"{"ſuccess":true}"#, #"{"data":{"success":false},"success":true}"#,
        #"{"n":-0.5e+10,"m":1E400,"success":true}"#, #"{"s":"\ud800 \"\\\/\b\f\n\r\t","success":true}"#,
        #"{"":"","success":true}"#, #"{"成功":"操作成功","success":true}"#, #"{"a":{},"b":[],"success":true}"#,
    ])
    func legacySuccess(body: String) {
        #expect(Judgement(Self.result(200, Array(body.utf8)), by: .legacyJSONSuccess).succeeded)
    }

    /// Others: false, no such key, another type, or not JSON.
    @Test(arguments: [
        "", " ", "ok", "true", "null", "[]", "1", #""success""#, "{}", "[{\"success\":true}]", "success",
        #"{"success":false}"#, #"{"success":null}"#, #"{"success":"true"}"#, #"{"success":1}"#, #"{"success":[true]}"#,
        #"{"success":{}}"#, #"{"success":true,"success":false}"#, #"{"success":true,"Success":false}"#,
        #"{"success":true,"success":"x"}"#, #"{"data":{"success":true}}"#, #"{"succes":true}"#, #"{"success ":true}"#,
        #"{"success":True}"#, #"{"success":TRUE}"#, #"{"success":true"#, #"{"success":true}}"#, #"{"success":true} x"#,
        #"{"success":true}{"success":true}"#, #"{"success":true,}"#, #"{,"success":true}"#, #"{'success':true}"#,
        #"{success:true}"#, #"{"success" true}"#, #"{"success":tru}"#, #"{"success":truee}"#,
        #"{"a":01,"success":true}"#,
        #"{"a":.5,"success":true}"#, #"{"a":1.,"success":true}"#, #"{"a":+1,"success":true}"#,
        #"{"a":1e,"success":true}"#, #"{"a":-,"success":true}"#, #"{"a":NaN,"success":true}"#,
        #"{"a":[1,],"success":true}"#, #"{"a":[1 2],"success":true}"#, #"{"a":[1},"success":true}"#,
        #"{"a":{"b"},"success":true}"#, #"{"a":{1:2},"success":true}"#, #"{"a":"\x","success":true}"#,
        #"{"a":"\u12g4","success":true}"#, "{\"a\":\"\n\",\"success\":true}", "{\"a\":\"\u{1}\",\"success\":true}",
        #"{"a":"b,"success":true}"#, #"/**/{"success":true}"#, "\u{FEFF}{\"success\":true}", "{\"success\":true}\0",
        #"{"success":true,"a":"#, #"{"success":true,"a"}"#, #"{"#, #"{""#, #"{"a":"\"#, #"{"a":"\u00"#,
    ])
    func legacyFailure(body: String) {
        let judgement = Judgement(Self.result(200, Array(body.utf8)), by: .legacyJSONSuccess)
        #expect(!judgement.succeeded)
        #expect(judgement.outcomeClass == "rule")
    }

    @Test func bytesThatAreNotUTF8DoNotSpoilAnAnswer() {
        let body = Array(#"{"msg":""#.utf8) + [0xB2, 0xD9, 0xFF] + Array(#"","success":true}"#.utf8)
        #expect(Judgement(Self.result(200, body), by: .legacyJSONSuccess).succeeded)
    }

    @Test func sixteenBitTextIsNotJSON() {
        let body = Array(#"{"success":true}"#.utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(!Judgement(Self.result(200, body), by: .legacyJSONSuccess).succeeded)
    }

    /// The outermost object is one level.
    @Test(arguments: [(9_999, true), (10_000, false), (2_000_000, false)])
    func nestingIsBounded(levels: Int, succeeds: Bool) {
        let body =
            #"{"a":"# + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
            + #","success":true}"#
        #expect(Judgement(Self.result(200, Array(body.utf8)), by: .legacyJSONSuccess).succeeded == succeeds)
    }

    // MARK: legacy_contains_success

    @Test(
        arguments: [
            "success", "SUCCESS", "Success", "xxsUcCeSs!", #"{"success":false}"#, "unsuccessful", "\0success",
            "ssuccess",
            "succsuccess",
        ], [200, 404, 500])
    func containsSuccess(body: String, status: Int) {
        #expect(Judgement(Self.result(status, Array(body.utf8)), by: .legacyContainsSuccess) == .success)
    }

    @Test(arguments: ["", "ok", "succes", "uccess", "succ ess", "ſuccess", "5UCCE55", "succes\u{13}"])
    func doesNotContainSuccess(body: String) {
        let judgement = Judgement(Self.result(200, Array(body.utf8)), by: .legacyContainsSuccess)
        #expect(judgement.outcomeClass == "rule")
        #expect(judgement.message == "the answer does not contain \"success\"")
    }

    @Test func theWholeBodyIsSearched() {
        let body = Array(repeating: UInt8(ascii: "s"), count: 65_529) + Array("Success".utf8)
        #expect(Judgement(Self.result(200, body), by: .legacyContainsSuccess).succeeded)
        var result = Self.result(200, Array(body.dropLast()))
        result.bodyTruncated = true
        let judgement = Judgement(result, by: .legacyContainsSuccess)
        #expect(judgement.message == "the answer, of which 65535 bytes were read, does not contain \"success\"")
    }

    @Test func bytesThatAreNotUTF8DoNotHideSuccess() {
        #expect(
            Judgement(Self.result(200, [0xB2, 0xD9] + Array("success".utf8)), by: .legacyContainsSuccess).succeeded)
    }
}
