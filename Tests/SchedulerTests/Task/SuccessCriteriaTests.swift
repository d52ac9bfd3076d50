import MySQL
import Patterns
import Testing

@testable import Scheduler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct SuccessCriteriaTests {
    static let whole = """
        {"rule":"legacy_json_success","statuses":["2xx",404,"300-304"],"json":[{"path":"$.a.b[0]","equals":"x\\"ü"},\
        {"path":"$.n","equals":1.50},{"path":"$.z","equals":null},{"path":"$.t","equals":true}],\
        "body_contains":"done\\n","body_matches":"^\\\\d+$","permanent_failure":[400,"410-499"]}
        """

    @Test(arguments: [
        whole, #"{"rule":"status_2xx","permanent_failure":[410]}"#, #"{"statuses":[204]}"#, #"{"body_matches":"a|b"}"#,
    ])
    func comeBackAsTheyWereStored(_ text: String) throws {
        let rule = try #require(SuccessRule(storedName: "custom", criteria: text))
        #expect(rule.storedName == "custom")
        #expect(rule.storedCriteria == text)
        #expect(SuccessRule(storedName: rule.storedName, criteria: rule.storedCriteria) == rule)
    }

    @Test(arguments: SuccessRule.NamedRule.allCases) func namedRulesAreTheirName(_ rule: SuccessRule.NamedRule) {
        #expect(SuccessRule(storedName: rule.rawValue, criteria: nil) == .named(rule))
        #expect(SuccessRule.named(rule).storedName == rule.rawValue)
        #expect(SuccessRule.named(rule).storedCriteria == nil)
    }

    /// What another version wrote is not judged by half.
    @Test(arguments: [
        ("custom", nil), ("always", nil), ("status_2xx", "{}"), ("custom", "{"), ("custom", "[]"),
        ("custom", #"{"headers":{}}"#), ("custom", #"{"rule":"always"}"#), ("custom", #"{"statuses":["9xx"]}"#),
        ("custom", #"{"statuses":[null]}"#), ("custom", #"{"json":[{"path":"$..a","equals":1}]}"#),
        ("custom", #"{"json":[{"path":"$.a","equals":[]}]}"#), ("custom", #"{"json":[{"path":"$.a","above":1}]}"#),
        ("custom", #"{"json":[{"path":"$.a","equals":1,"or":2}]}"#), ("custom", #"{"body_matches":"("}"#),
        ("custom", #"{"body_contains":1}"#), ("custom", #"{"permanent_failure":["x"]}"#),
    ])
    func unknownOnesAreNotRead(_ name: String, _ criteria: String?) {
        #expect(SuccessRule(storedName: name, criteria: criteria) == nil)
    }

    // MARK: In the intake buffer

    static func task(_ rule: SuccessRule) -> BufferedTask {
        BufferedTask(
            createdAt: Timestamp(microseconds: 5),
            task: NewTask(
                queue: "default", planTime: Timestamp(microseconds: 7),
                request: CallbackRequest(method: "POST", url: "http://a.example/"), successRule: rule,
                retrySchedule: RetrySchedule(maxRetries: 1, delays: [.seconds(5)]), timeout: .seconds(15)))
    }

    @Test func expiryAndFollowUpsWaitInTheIntakeBuffer() throws {
        var task = Self.task(.status2xx)
        task.task.expiresAt = Timestamp(microseconds: 9)
        task.task.followUps = [.onSuccess: FollowUpTests.plain, .onFailure: FollowUpTests.custom]
        #expect(try JSONDecoder().decode(BufferedTask.self, from: JSONEncoder().encode(task)) == task)
    }

    @Test(arguments: [nil, whole]) func waitInTheIntakeBuffer(_ text: String?) throws {
        let rule =
            try text.map { try #require(SuccessRule(storedName: "custom", criteria: $0)) } ?? .legacyContainsSuccess
        let encoded = try JSONEncoder().encode(Self.task(rule))
        #expect(try JSONDecoder().decode(BufferedTask.self, from: encoded) == Self.task(rule))
    }

    /// As the version before criteria wrote it.
    @Test func anOlderFormIsRead() throws {
        let older = """
            {"created_us":5,"queue":"default","plan_us":7,"method":"POST",
            "url":"http://a.example/","max_redirects":0,"success_rule":"status_2xx","max_retries":1,"retry_delays":"5",
            "timeout_ms":15000,"on_lost":"retry","labels":{}}
            """
        #expect(try JSONDecoder().decode(BufferedTask.self, from: Data(older.utf8)) == Self.task(.status2xx))
    }

    /// That version, and this one with what a later one may write, finds a rule that it does not know, and so puts the task
    /// aside whole instead of running it by half of its rule.
    @Test func aLaterFormIsNotReadByHalf() throws {
        let rule = try #require(SuccessRule(storedName: "custom", criteria: #"{"rule":"status_2xx","statuses":[200]}"#))
        let text = String(decoding: try JSONEncoder().encode(Self.task(rule)), as: UTF8.self)
        #expect(text.contains(#""success_rule":"custom""#))
        let later = text.replacing(#"\"statuses\""#, with: #"\"headers\""#)
        #expect(later != text)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(BufferedTask.self, from: Data(later.utf8)) }
    }
}
