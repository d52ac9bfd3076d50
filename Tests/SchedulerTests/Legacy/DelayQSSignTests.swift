import Testing

@testable import Scheduler

/// The text that is signed was printed by PHP 8.2: `$b = json_decode($json, true); ksort($b); echo 'key' . implode('&', $b)`.
@Suite struct DelayQSSignTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let json: String
        let md5: String
        var testDescription: String { json }
    }

    static let cases: [Case] = [
        Case(json: ##"{}"##, md5: "3c6e0b8a9c15224a8228b9a98ca1531d"),
        Case(json: ##"[]"##, md5: "3c6e0b8a9c15224a8228b9a98ca1531d"),
        Case(json: ##"{"a":1}"##, md5: "c2add694bf942dc77b376592d9c862cd"),
        Case(json: ##"["x","y",3]"##, md5: "34feb1de448d8e7c0e019d0eb06529a5"),
        Case(
            json: ##"{"order_id":"A-42","amount":99.5,"paid":true,"note":null,"test":false}"##,
            md5: "aecffd3344abdd58c781d5c39c57cc7c"),
        Case(json: ##"{"b":"2","a":"1","C":"3","_":"4","B":"5","":"6"}"##, md5: "74433c8160e1c3b4560e31687e439e7e"),
        Case(json: ##"{"é":"1","e":"2","z":"3","中文":"订单","ж":"4"}"##, md5: "935305b5d7631842e4594de1e37ca54e"),
        Case(
            json: ##"{"a":"\u0061\/\"\\\n","b":"\ud83d\ude00","c":"a&b=c"}"##, md5: "95e1345514ddd400b7493b27cbc388e1"),
        Case(json: ##"{"10":"ten","9":"nine","-1":"minus","100":"hundred"}"##, md5: "bc83d42a4064b275eae1c0bcb1979779"),
        Case(json: ##"{"01":"a","02":"b","10":"c","12":"d","9":"e"}"##, md5: "29cb3c2a6719fc402c6887b109219eba"),
        Case(
            json: ##"{"1.5":"a","1.25":"b","-2":"c","1e1":"d",".5":"e","3.":"f"," 7":"g","+8":"h"}"##,
            md5: "3e5ff3a8dd0c01df4455bc9429fce55f"),
        Case(json: ##"{"2fa":"x","a":"y","10a":"z","9a":"w"}"##, md5: "949e8130796a494822edc7d97bca3b1a"),
        Case(json: ##"{"1.5":"x","a":"y","-":"z","/":"w"}"##, md5: "1765538adb9075a18df68591226bec58"),
        Case(json: ##"{"2020-01-02":"x","2020-01-01":"y"}"##, md5: "827dd1bfe65f2787d092307ef9b6b9e0"),
        Case(json: ##"{"9007199254740993":1,"9007199254740992":2}"##, md5: "cb31a439f4f4859edcd7bf410a9eb4dc"),
        Case(json: ##"{"9223372036854775808":1,"5":2}"##, md5: "cb31a439f4f4859edcd7bf410a9eb4dc"),
        Case(json: ##"{"v":0}"##, md5: "21f402f25b1a0fd722b83169e10509f8"),
        Case(json: ##"{"v":-0}"##, md5: "21f402f25b1a0fd722b83169e10509f8"),
        Case(json: ##"{"v":-7}"##, md5: "429e0173addead3f5ed34035f4ac02ab"),
        Case(json: ##"{"v":-0.0}"##, md5: "b4428b7e85e1fa85481af6307d7f3cf7"),
        Case(json: ##"{"v":1.0}"##, md5: "c2add694bf942dc77b376592d9c862cd"),
        Case(json: ##"{"v":1e2}"##, md5: "30dccd825391472672c9d717ab51ef4a"),
        Case(json: ##"{"v":0.1}"##, md5: "d5222b7304980396c3ce22ab8f33b13d"),
        Case(json: ##"{"v":123456789012345678}"##, md5: "1d95cb012b6ccb2b1f14d59503afe2ba"),
        Case(json: ##"{"v":12345678901234567890}"##, md5: "372f93fbb671230c265786f3804cb457"),
        Case(json: ##"{"v":9223372036854775807}"##, md5: "d7aac4a877e53e8bb2106788a60eb5d7"),
        Case(json: ##"{"v":-9223372036854775808}"##, md5: "db6c32bebe6a037968d7d73f4c0c58fd"),
        Case(json: ##"{"v":-9223372036854775809}"##, md5: "8bfa8aae54f91611f4004c8fa98f4d57"),
        Case(json: ##"{"v":1e25}"##, md5: "792fede50f0281155d3947d492e3868f"),
        Case(json: ##"{"v":1.5e-7}"##, md5: "720b3f7f4f9e31380c08c7f685037bf9"),
        Case(json: ##"{"v":0.00001}"##, md5: "34eb7ae6e535c138ed02f439dc8d2c5e"),
        Case(json: ##"{"v":0.0001}"##, md5: "77a858180fe1042216d5e48c73e7aae4"),
        Case(json: ##"{"v":0.000123456789012345678}"##, md5: "da1b908f1ceae81e6a607b10d6ba10f2"),
        Case(json: ##"{"v":1e13}"##, md5: "f96a3b2e882e93738df90608149969bd"),
        Case(json: ##"{"v":1e14}"##, md5: "1df7bd7d9556c0f613eca0983cf86b58"),
        Case(json: ##"{"v":1e15}"##, md5: "b54ec72004cebf6f149895e8369638ea"),
        Case(json: ##"{"v":123456789012345.678}"##, md5: "fb34017fb02b316a19d6d57c2d34e80a"),
        Case(json: ##"{"v":0.30000000000000004}"##, md5: "2553d24f4a3e7b54c1afb7db12f0754e"),
        Case(json: ##"{"v":1e999}"##, md5: "e4cf7f98842730b6eb011aef980376aa"),
        Case(json: ##"{"v":-1e999}"##, md5: "2d3ca5b2ca7e25cfe90ac3c3bd49748c"),
        Case(json: ##"{"v":5e-324}"##, md5: "21a512b6d348011dba130fe6c5265b9b"),
        Case(json: ##"{"v":1.7976931348623157e308}"##, md5: "b25df7008cdd3e8ccb4d8eaba2f8d133"),
        Case(json: ##"{"v":2.50}"##, md5: "64e3702907d34d1af66e67b7e6036d21"),
        Case(json: ##"{"v":1.00000000000005}"##, md5: "c2add694bf942dc77b376592d9c862cd"),
        Case(json: ##"{"v":99999999999999.95}"##, md5: "1df7bd7d9556c0f613eca0983cf86b58"),
        Case(json: ##"{"v":99999999999999.4}"##, md5: "db0ad56f311dd79e1b4ffea4105f939f"),
        Case(json: ##"{"v":12345.678}"##, md5: "ab558c7e58a0aac14422ee8b35f472ca"),
        Case(json: ##"{"v":-1.5E+3}"##, md5: "948c2d470dda5efee0a3c1a9ffdf6d56"),
        Case(json: ##"{"v":100.25}"##, md5: "9a96890bb6ca7e0ace90ae6947ee7672"),
        Case(json: ##"{"v":1e-400}"##, md5: "21f402f25b1a0fd722b83169e10509f8"),
        Case(json: ##"{"1":"one"}"##, md5: "10bcd08f20b84e1eef3298aef217df7b"),
        Case(json: ##"{"a":""}"##, md5: "3c6e0b8a9c15224a8228b9a98ca1531d"),
        Case(json: ##"{"a b":" ","a":"  "}"##, md5: "406b8e929d47bfd24c428c62b9f3294e"),
        Case(json: ##"{"10":1,"9":2}"##, md5: "cb31a439f4f4859edcd7bf410a9eb4dc"),
    ]

    @Test(arguments: cases) func isThatOfPHP(expected: Case) throws {
        #expect(try DelayQSSign.sign(privateKey: "key", bodyJSON: Array(expected.json.utf8)) == expected.md5)
    }

    @Test func withoutAKeyThereIsNone() throws {
        #expect(try DelayQSSign.sign(privateKey: nil, bodyJSON: Array(#"{"a":1}"#.utf8)) == nil)
        #expect(try DelayQSSign.sign(privateKey: nil, bodyJSON: Array("nonsense".utf8)) == nil)
    }

    @Test(arguments: [
        (#"{"a":{"b":1}}"#, "body.a is an object"), (#"{"a":[]}"#, "body.a is an array"),
        ("[[1]]", "body[0] is an array"),
        ("1", "body is a number"), (#""a""#, "body is a string"), ("null", "body is null"),
        ("true", "body is a boolean"),
        ("", "is not JSON"), (#"{"a":1"#, "is not JSON"), (#"{"a":1,"a":2}"#, "there twice"),
        (#"{"a":"\ud800"}"#, "surrogate"),
        // What PHP makes of these depends on its version, or on where they stood before.
        (#"{"1":1,"a":2}"#, #""1" and "a""#), (#"{"a":1,"b":2,"10":3}"#, #""10" and "a""#),
        (#"{"1.5":1,"2.5":2,"a":3}"#, #""1.5" and "a""#), (#"{"1":1,"01":2}"#, "the same number"),
        (#"{"1e1":1,"10.0":2}"#, "the same number"), (#"{"1 ":1,"2":2}"#, #""2" and "1 ""#),
        (#"{"-0":1,"0":2}"#, "the same number"), (#"{"1e999":1,"2e999":2}"#, "the same number"),
    ])
    func whatHasNoSignIsRefused(_ json: String, _ reason: String) {
        let refusal = #expect(throws: DelayQSSignRefusal.self) {
            try DelayQSSign.sign(privateKey: "key", bodyJSON: Array(json.utf8))
        }
        #expect(refusal?.description.contains(reason) == true, "\(String(describing: refusal))")
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        let json = Array(#"{"a":""#.utf8) + [0xB2, 0xD9] + Array(#""}"#.utf8)
        #expect(throws: DelayQSSignRefusal.self) { try DelayQSSign.sign(privateKey: "key", bodyJSON: json) }
    }
}
