import Testing

@testable import Scheduler

@Suite struct GoJSONTests {
    private func parsed(_ text: String) -> GoJSON? { GoJSON(Array(text.utf8)) }

    @Test func aValueIsTheProducersOwnBytes() throws {
        let object = try #require(parsed(#" { "body" : {"b":1, "a" : [ "\u00fc" ] } , "sign":"x"} "#))
        #expect(object["body"].map { String(decoding: $0, as: UTF8.self) } == #"{"b":1, "a" : [ "\u00fc" ] }"#)
        #expect(object["sign"].flatMap(GoJSON.text) == "x")
        #expect(object["callback"] == nil)
    }

    @Test(arguments: [
        (#"{"A":"1"}"#, "1"), (#"{"a":"1","A":"2"}"#, "2"), (#"{"a":"1","a":null}"#, "1"), (#"{"a":null}"#, nil),
        (#"{"\u0061":"\ud83d\ude00\n"}"#, "😀\n"), (#"{"a":"\ud83d"}"#, "\u{FFFD}"), (#"{"b":"1"}"#, nil),
    ])
    func fieldsAreFoundAsInGo(text: String, value: String?) throws {
        #expect(try #require(parsed(text))["a"].flatMap(GoJSON.text) == value)
    }

    @Test func keysAreFolded() throws {
        #expect(try #require(parsed("{\"\u{17F}ign\": \"1\"}"))["sign"] != nil)
        #expect(try #require(parsed("{\"Callbac\u{212A}\": \"1\"}"))["callback"] != nil)
    }

    @Test(arguments: [
        "", "null", "[]", "1", "{", "{}x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{'a':1}", "{\"a\":01}",
        "{\"a\":\"\n\"}",
        "{\"a\":nul}", "{\"a\":[1}", "{\"a\":\"\\x\"}",
    ])
    func whatGoRefusesIsNoObject(text: String) {
        #expect(parsed(text) == nil)
    }

    @Test func onlyStringsHaveText() throws {
        let object = try #require(parsed(#"{"a":1,"b":{},"c":true}"#))
        for name in ["a", "b", "c"] { #expect(object[name].flatMap(GoJSON.text) == nil) }
    }
}
