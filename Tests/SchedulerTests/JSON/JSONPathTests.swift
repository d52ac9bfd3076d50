import Testing

@testable import Scheduler

@Suite struct JSONPathTests {
    static let document = """
         {"a": {"b": [10, {"c": "x"}, []], "é": 1, "a b": 2, "it's": 3, "": 4}, "dup": 1, "dup": 2,
          "n": -0.5e1 , "t": true, "z": null, "\\u0061\\ud83d\\ude00": "emoji", "0": "zero"} 
        """

    @Test(arguments: [
        ("$.a.b[0]", "10"), ("$.a.b[1].c", #""x""#), ("$.a.b[2]", "[]"), ("$.a.é", "1"), ("$.a['a b']", "2"),
        (#"$.a["it's"]"#, "3"), (#"$.a[""]"#, "4"), ("$.dup", "1"), ("$.n", "-0.5e1"), ("$.t", "true"),
        ("$.z", "null"), ("$.a😀", #""emoji""#), (#"$["a"]["b"][1]["c"]"#, #""x""#), ("$.0", #""zero""#),
    ])
    func finds(_ path: String, _ value: String) throws {
        let found = try #require(try JSONPath(path).value(in: Array(Self.document.utf8)))
        #expect(String(decoding: found, as: UTF8.self) == value)
    }

    @Test func theWholeDocumentIsAValue() throws {
        let found = try JSONPath("$").value(in: Array(" 12\n".utf8))
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == "12")
    }

    @Test(arguments: [
        "$.b", "$.a.b[3]", "$.a.b[999999]", "$.a.b.c", "$.a[0]", "$.a.b[2][0]", "$.n.x", "$.t[0]", "$.A",
        "$.a.e\u{301}",
        "$.a.b[1].c.d", "$[0]", "$.z.a",
    ])
    func findsNothing(_ path: String) throws {
        #expect(try JSONPath(path).value(in: Array(Self.document.utf8)) == nil)
    }

    @Test(arguments: [
        ("", "has 0 bytes"), ("a", "begin with $"), ("a.b", "begin with $"), ("$a", "character 2"),
        ("$.", "character 3"),
        ("$..a", "character 3"), ("$.a.", "character 5"), ("$.*", "character 3"), ("$[*]", "character 3"),
        ("$[-1]", "character 3"), ("$[01]", "character 5"), ("$[1", "] is expected (at character 4)"),
        ("$[]", "character 3"),
        ("$[1000000]", "index"), ("$[99999999999999999999]", "index"), (#"$["a]"#, "\" is expected"),
        ("$['a\"]", "' is expected"), ("$.a b", "character 4"), ("$.a[?(@.b)]", "character 5"),
        ("$.a[0:1]", "] is expected"),
        ("$ ", "character 2"), ("$." + String(repeating: "a", count: 255), "has 257 bytes"),
        ("$" + String(repeating: "[0]", count: 33), "33 steps"),
    ])
    func others(_ path: String, _ reason: String) {
        let fault = #expect(throws: JSONPathFault.self) { try JSONPath(path) }
        #expect(fault?.reason.contains(reason) == true, "\(fault?.reason ?? "")")
    }

    @Test(arguments: [
        ("1", "1"), ("1", "1.0"), ("1", "10e-1"), ("100", "1E2"), ("0", "-0.00e7"), ("0.001", "1e-3"),
        ("-2.50", "-25e-1"),
        ("12345678901234567890", "12345678901234567890.0"), ("1e400", "1e400"), ("1e99999999999", "1e99999999999"),
    ])
    func numbersAreEqualByWhatTheyAmountTo(_ left: String, _ right: String) {
        #expect(JSONScalar.number(left).equals(Array(right.utf8)[...]))
        #expect(JSONScalar.number(right).equals(Array(left.utf8)[...]))
    }

    @Test(arguments: [
        ("1", "-1"), ("1", "2"), ("1", "10"), ("1", "0.1"), ("9007199254740993", "9007199254740992"), ("0", "1e-400"),
        ("1", #""1""#), ("1", "true"), ("1", "[1]"), ("1e99999999999", "1e99999999998"),
    ])
    func otherNumbersAreNot(_ left: String, _ right: String) {
        #expect(!JSONScalar.number(left).equals(Array(right.utf8)[...]))
    }

    @Test(arguments: [
        (JSONScalar.null, "null", true), (.null, "0", false), (.null, #""null""#, false), (.bool(true), "true", true),
        (.bool(true), "false", false), (.bool(false), "0", false), (.string("a"), #""a""#, true),
        (.string("a"), #""\u0061""#, true), (.string("é"), "\"e\u{301}\"", false), (.string(""), #""""#, true),
        (.string("a"), #"["a"]"#, false), (.string("1"), "1", false),
    ])
    func scalars(_ scalar: JSONScalar, _ value: String, _ isEqual: Bool) {
        #expect(scalar.equals(Array(value.utf8)[...]) == isEqual)
    }
}
