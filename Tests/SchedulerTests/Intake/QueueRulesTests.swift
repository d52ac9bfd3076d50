import MySQL
import Scheduler
import Testing

@Suite struct QueueRulesTests {
    struct Case: Sendable {
        let field: String
        let patch: QueuePatch

        init(_ field: String, _ change: (inout QueuePatch) -> Void) {
            self.field = field
            var patch = QueuePatch()
            change(&patch)
            self.patch = patch
        }
    }

    static let refused = [
        Case("priority") { $0.priority = 101 }, Case("weight") { $0.weight = 0 },
        Case("max_concurrency") { $0.maxConcurrency = .some(0) },
        Case("max_concurrency") { $0.maxConcurrency = .some(100_001) },
        Case("rate_per_second") { $0.ratePerSecond = .some(0) },
        Case("rate_per_second") { $0.ratePerSecond = .some(-1) },
        Case("burst") { $0.burst = .some(5) }, Case("burst") { ($0.burst, $0.ratePerSecond) = (.some(0), .some(1)) },
        Case("defaults.timeout_ms") { $0.timeoutMilliseconds = .some(99) },
        Case("defaults.retry.max_retries") { $0.retry = .some(.init(maxRetries: 101)) },
        Case("defaults.retry.delays[1]") { $0.retry = .some(.init(delays: [1, -1])) },
        Case("defaults.success.rule") { $0.success = .some(.init(rule: "never")) },
    ]

    @Test(arguments: refused) func eachProblemNamesItsField(item: Case) {
        #expect {
            _ = try QueueRules(Configuration()).check(item.patch, of: QueueSettings())
        } throws: { error in
            (error as? ValidationError)?.problems.map(\.field) == [item.field]
        }
    }

    @Test func allProblemsAreTold() {
        var patch = QueuePatch()
        (patch.priority, patch.weight, patch.timeoutMilliseconds) = (-101, 1001, .some(1))
        #expect {
            _ = try QueueRules(Configuration()).check(patch, of: QueueSettings())
        } throws: { error in
            (error as? ValidationError)?.problems.map(\.field) == ["priority", "weight", "defaults.timeout_ms"]
        }
    }

    @Test func whatIsNotGivenStaysAndNullTakesAway() throws {
        let rules = QueueRules(Configuration())
        var patch = QueuePatch()
        (patch.maxConcurrency, patch.ratePerSecond, patch.burst) = (.some(10), .some(0.5), .some(3))
        patch.retry = .some(.init(maxRetries: nil, delays: [1, 2.5]))
        patch.success = .some(.init(rule: "legacy_json_success"))
        let made = try rules.check(patch, of: QueueSettings())
        #expect((made.maxConcurrency, made.ratePerSecond, made.burst) == (10, 0.5, 3))
        #expect(
            made.defaults.retrySchedule == RetrySchedule(maxRetries: 2, delays: [.seconds(1), .milliseconds(2500)]))
        #expect(made.defaults.successRule == .legacyJSONSuccess)
        #expect(try rules.check(QueuePatch(), of: made) == made)
        patch = QueuePatch()
        patch.ratePerSecond = .some(nil)
        patch.retry = .some(nil)
        let less = try rules.check(patch, of: made)
        // The burst has gone with the rate.
        #expect((less.maxConcurrency, less.ratePerSecond, less.burst) == (10, nil, nil))
        #expect(less.defaults.retrySchedule == nil)
        #expect(less.defaults.successRule == .legacyJSONSuccess)
    }

    @Test func tasksTakeWhatTheirQueueSays() throws {
        var defaults = TaskDefaults()
        defaults.retrySchedule = RetrySchedule(maxRetries: 1, delays: [.seconds(9)])
        defaults.timeout = .milliseconds(700)
        defaults.successRule = .legacyContainsSuccess
        var rules = TaskRules(Configuration())
        rules.queues = QueueBook(["mail": defaults])
        var draft = TaskDraft()
        (draft.queue, draft.planTime, draft.url) = ("mail", .init(microseconds: 0), "http://8.8.8.8/")
        let task = try rules.check(draft)
        #expect(task.retrySchedule == defaults.retrySchedule)
        #expect(task.timeout == .milliseconds(700))
        #expect(task.successRule == .legacyContainsSuccess)
        (draft.maxRetries, draft.timeoutMilliseconds, draft.successRule) = (0, 5000, "status_2xx")
        let own = try rules.check(draft)
        #expect(own.retrySchedule.maxRetries == 0)
        #expect(own.timeout == .seconds(5))
        #expect(own.successRule == .status2xx)
        draft.queue = "other"
        draft.successRule = nil
        #expect(try rules.check(draft).successRule == .status2xx)
    }

    /// Who makes queues, the queue, whether it is there, and whether a task may name it.
    @Test(
        arguments: [
            (true, "new", true), (false, "new", false), (false, "mail", true), (false, "default", true),
        ])
    func queuesAreMadeByTasksOrByHand(byTask: Bool, queue: String, isAccepted: Bool) {
        var configuration = Configuration()
        configuration.intake.makesQueues = byTask
        var rules = TaskRules(configuration)
        rules.queues = QueueBook(["mail": TaskDefaults()])
        var draft = TaskDraft()
        (draft.queue, draft.planTime, draft.url) = (queue, .init(microseconds: 0), "http://8.8.8.8/")
        let problems: [String]
        do {
            _ = try rules.check(draft)
            problems = []
        } catch {
            problems = error.problems.map(\.field)
        }
        #expect(problems == (isAccepted ? [] : ["queue"]))
    }
}
