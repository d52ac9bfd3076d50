import Patterns
import Testing

@Suite struct PatternTests {
    @Test(arguments: [
        ("ok", "it is ok so far", true), ("^ok$", "ok", true), ("^ok$", "ok\n", false), ("(?m)^ok$", "no\nok\n", true),
        (#""code":\s*0\b"#, #"{"code": 0}"#, true), (#""code":\s*0\b"#, #"{"code": 01}"#, false),
        ("(?i)SUCCESS", "success", true), ("SUCCESS", "success", false), ("a.c", "a\nc", false),
        ("(?s)a.c", "a\nc", true), ("操作(成功|完成)", "结果：操作成功", true), (#"\pL+"#, "ж", true), (#"^\d{3}$"#, "12", false),
        ("x*", "", true), (".", "", false), (#"\x00"#, "a\0b", true), (#"\Qa.b\E"#, "axb", false),
    ])
    func findsAnywhere(_ pattern: String, _ text: String, _ isThere: Bool) throws {
        #expect(try Pattern(pattern).finds(in: Array(text.utf8)) == isThere)
    }

    @Test func bytesThatAreNotTextAreStepsAndNoMatches() throws {
        let text: [UInt8] = [0xFF, 0xB2] + Array("ok".utf8) + [0xC3]
        #expect(try Pattern("ok").finds(in: text))
        #expect(try !Pattern("^.ok").finds(in: text))
    }

    /// The place is that of the character at which a person must look.
    @Test(arguments: [
        ("a(b", "missing )", 4), ("(a)(b", "missing )", 6), ("a)b(", "unexpected )", 2), ("[a-", "missing ]", 4),
        ("x[z-a]", "invalid character class range", 3), (#"ab\"#, #"trailing \"#, 4),
        (#"(a\8)"#, "invalid escape sequence", 3),
        ("*a", "no argument for repetition operator", 1), ("a|*", "no argument for repetition operator", 3),
        ("ж**", "bad repetition operator", 2), ("a{1001}", "invalid repetition size", 2),
        (#"(a)\1"#, "invalid escape sequence", 4), ("a(?=b)", "invalid perl operator", 2),
        ("(?<!a)b", "invalid perl operator", 1), (#"\p{Nonsense}"#, "invalid character class range", 1),
    ])
    func faultsHaveAReasonAndAPlace(_ pattern: String, _ reason: String, _ position: Int) {
        let fault = #expect(throws: PatternFault.self) { try Pattern(pattern) }
        #expect(fault?.reason.contains(reason) == true, "\(String(describing: fault))")
        #expect(fault?.position == position, "\(String(describing: fault))")
        #expect(fault?.description.hasSuffix("(at character \(position))") == true)
    }

    @Test(arguments: [
        "", String(repeating: "a", count: 1001), "((a{100}){100}){100}", #"(\pL{100}){10}"#, #"[^"]{1,255}"#,
        String(repeating: "ж", count: 501),
    ])
    func whatIsTooLongOrTooLargeIsRefused(_ pattern: String) {
        #expect(throws: PatternFault.self) { try Pattern(pattern) }
    }

    /// Each takes a backtracking engine longer than anybody waits.
    @Test(arguments: [
        "(a+)+$", "^(a|a)*$", "(a|aa)+$", "^(a?){30}a{30}$", "(.*)*x", "(x+x+)+y", "([a-z]+)*=", "a*a*a*a*a*a*b",
        ".*.*.*=.*",
    ])
    func noPatternMakesASearchLong(_ pattern: String) throws {
        let text = Array(repeating: UInt8(ascii: "a"), count: 1 << 20) + Array("!".utf8)
        #expect(try !Pattern(pattern).finds(in: text))
    }

    /// What takes RE2 longest for its size: too many states to remember.
    @Test(arguments: ["([ab]?[bc]?[ac]?){200}d", "[ab]*a[abc]{900}d", #"\pL+"#, ".{0,100}ok"])
    func theLargestReachAsFarAsAnAnswerIsReadByDefault(_ text: String) throws {
        let pattern = try Pattern(text)
        #expect((65_536...2_000_000).contains(pattern.reach))
        #expect(try Pattern("success").reach > 1 << 22)
        let content = (0..<65_536).map { UInt8(ascii: "a") + UInt8($0 * $0 / 7 % 3) }
        #expect(pattern.finds(in: content) == (text == #"\pL+"#))
    }

    @Test func theSameTextIsCompiledOnce() throws {
        #expect(try Pattern.compiled("one") === Pattern.compiled("one"))
        for number in 0..<200 { _ = try Pattern.compiled("many\(number)") }
        #expect(try Pattern.compiled("one").finds(in: Array("someone".utf8)))
        #expect(try Pattern("one") == Pattern.compiled("one"))
        #expect(throws: PatternFault.self) { try Pattern.compiled("(") }
    }

    @Test func oneMaySearchOnManyThreads() async throws {
        let pattern = try Pattern("(a|b)*a(a|b){12}c")
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<16 {
                group.addTask {
                    let text = (0..<20_000).map { UInt8(ascii: ($0 * 7 + index) % 3 == 0 ? "a" : "b") }
                    return pattern.finds(in: text) || !pattern.finds(in: text + Array("abbbbbbbbbbbbc".utf8))
                }
            }
            for await isWrong in group { #expect(!isWrong) }
        }
    }
}
