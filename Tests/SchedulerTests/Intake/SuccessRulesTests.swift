import Testing

@testable import Scheduler

/// What producers ask of answers, and what becomes of it.
@Suite struct SuccessRulesTests {
    static func check(_ change: (inout TaskDraft) -> Void) throws -> SuccessRule {
        try TaskRules(Configuration()).check(TaskRulesTests.draft(change)).successRule
    }

    @Test func rulesWithAName() throws {
        #expect(try Self.check { _ in } == .status2xx)
        for rule in SuccessRule.NamedRule.allCases {
            #expect(try Self.check { $0.successRule = rule.rawValue } == .named(rule))
        }
    }

    static let good: [(@Sendable (inout TaskDraft) -> Void, String)] = [
        ({ $0.successConditions.statuses = ["200-299", "404", "300-304"] }, #"{"statuses":["2xx",404,"300-304"]}"#),
        ({ $0.successConditions.bodyContains = "done" }, #"{"body_contains":"done"}"#),
        ({ $0.successConditions.bodyMatches = #"^\d+$"# }, #"{"body_matches":"^\\d+$"}"#),
        (
            {
                $0.successConditions.json = [
                    .init(path: "$.a[0]", equals: .number("1.0")), .init(path: "$", equals: .null),
                ]
            },
            #"{"json":[{"path":"$.a[0]","equals":1.0},{"path":"$","equals":null}]}"#
        ),
        // Nothing else says what succeeds.
        ({ $0.successConditions.permanentFailure = ["4xx"] }, #"{"rule":"status_2xx","permanent_failure":["4xx"]}"#),
        (
            { ($0.successRule, $0.successConditions.permanentFailure) = ("legacy_json_success", ["410"]) },
            #"{"rule":"legacy_json_success","permanent_failure":[410]}"#
        ),
        (
            { ($0.successConditions.statuses, $0.successConditions.permanentFailure) = (["200"], ["400"]) },
            #"{"statuses":[200],"permanent_failure":[400]}"#
        ),
        (
            { ($0.successRule, $0.successConditions.bodyContains) = ("status_2xx", "x") },
            #"{"rule":"status_2xx","body_contains":"x"}"#
        ),
    ]

    @Test(arguments: good.indices) func criteriaAreKeptAsAsked(index: Int) throws {
        let (change, text) = Self.good[index]
        let rule = try Self.check(change)
        #expect(rule.storedName == "custom")
        #expect(rule.storedCriteria == text)
    }

    static func conditions(
        _ field: String, _ what: String, _ change: @escaping @Sendable (inout SuccessConditions) -> Void
    )
        -> BadDraftTests.Case
    {
        BadDraftTests.Case(field, what) { change(&$0.successConditions) }
    }

    static let bad = [
        conditions("success.statuses", "none") { $0.statuses = [] },
        conditions("success.statuses", "51") { $0.statuses = Array(repeating: "200", count: 51) },
        conditions("success.statuses[1]", "3x") { $0.statuses = ["200", "3x"] },
        conditions("success.permanent_failure", "none") { $0.permanentFailure = [] },
        conditions("success.permanent_failure[0]", "600") { $0.permanentFailure = ["600"] },
        conditions("success.json", "none") { $0.json = [] },
        conditions("success.json", "11") { $0.json = Array(repeating: .init(path: "$", equals: .null), count: 11) },
        conditions("success.json[0].path", "not a path") { $0.json = [.init(path: "a.b", equals: .null)] },
        conditions("success.json[1].equals", "too long") {
            let long = String(repeating: "x", count: 1001)
            $0.json = [.init(path: "$.a", equals: .null), .init(path: "$.a", equals: .string(long))]
        },
        conditions("success.body_contains", "empty") { $0.bodyContains = "" },
        conditions("success.body_contains", "too long") { $0.bodyContains = String(repeating: "x", count: 1001) },
        conditions("success.body_matches", "empty") { $0.bodyMatches = "" },
        conditions("success.body_matches", "too long") { $0.bodyMatches = String(repeating: "x", count: 1001) },
        conditions("success.body_matches", "no pattern") { $0.bodyMatches = "a(b" },
        conditions("success.body_matches", "back reference") { $0.bodyMatches = #"(a)\1"# },
        conditions("success", "too long in all") {
            let control = String(repeating: "\u{1}", count: 1000)
            $0.json = Array(repeating: .init(path: "$.a", equals: .string(control)), count: 10)
        },
        BadDraftTests.Case("success.rule", "custom") { $0.successRule = "custom" },
    ]

    @Test(arguments: bad) func othersAreRefusedByTheirField(expected: BadDraftTests.Case) throws {
        let error = #expect(throws: ValidationError.self) { try Self.check(expected.change) }
        #expect(error?.problems.map(\.field) == [expected.field], "\(error?.problems ?? [])")
        #expect(error?.problems.allSatisfy { !$0.detail.isEmpty && $0.detail.utf8.count < 600 } == true)
    }

    @Test func aBadPatternIsRefusedWithItsPlace() {
        let error = #expect(throws: ValidationError.self) {
            try Self.check { $0.successConditions.bodyMatches = #"ok|\8"# }
        }
        #expect(
            error?.problems.first?.detail
                == #"is not a regular expression of RE2: invalid escape sequence: \8 (at character 4)"#)
    }

    @Test func everythingWrongIsSaidAtOnce() {
        let error = #expect(throws: ValidationError.self) {
            try Self.check {
                $0.successRule = "x"
                $0.successConditions.statuses = ["a", "200", "b"]
                $0.successConditions.bodyMatches = "("
                $0.queue = ""
            }
        }
        let fields = ["queue", "success.rule", "success.statuses[0]", "success.statuses[2]", "success.body_matches"]
        #expect(error.map { Set($0.problems.map(\.field)) } == Set(fields))
    }
}
