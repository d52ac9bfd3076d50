import MySQL
import Testing
import Transfer

@testable import Scheduler

@Suite struct FollowUpRulesTests {
    private let rules = TaskRules(Configuration())

    private func draft(_ change: (inout FollowUpDraft) -> Void = { _ in }) -> TaskDraft {
        TaskRulesTests.draft { draft in
            var followUp = FollowUpDraft()
            followUp.url = "http://receiver.example/done"
            change(&followUp)
            draft.followUps = [.onSuccess: followUp]
        }
    }

    @Test func whatIsNotSaidTakesItsDefault() throws {
        var draft = draft()
        draft.queue = "mail"
        draft.timeoutMilliseconds = 100
        draft.maxRetries = 0
        let followUps = try rules.check(draft).followUps
        #expect(
            followUps == [
                .onSuccess: FollowUp(
                    queue: "mail", request: CallbackRequest(method: "POST", url: "http://receiver.example/done"),
                    successRule: .status2xx, retrySchedule: rules.retrySchedule, timeout: rules.timeout)
            ])
    }

    @Test func whatIsSaidIsTaken() throws {
        let draft = draft {
            $0.queue = "other"
            $0.method = "put"
            $0.headers = [HeaderField(name: "X-A", value: "b")]
            $0.maxRedirects = 2
            $0.successRule = "legacy_json_success"
            $0.retryDelays = [1, 2.5]
            $0.timeoutMilliseconds = 700
            $0.labels = ["a": "b"]
            $0.delay = 1.5
        }
        let followUp = try #require(try rules.check(draft).followUps[.onSuccess])
        #expect(followUp.queue == "other" && followUp.request.method == "PUT" && followUp.request.body == nil)
        #expect(followUp.request.headers == [HeaderField(name: "X-A", value: "b")])
        #expect(followUp.request.maxRedirects == 2 && followUp.successRule == .legacyJSONSuccess)
        #expect(followUp.retrySchedule == RetrySchedule(maxRetries: 2, delays: [.seconds(1), .milliseconds(2500)]))
        #expect(followUp.timeout == .milliseconds(700) && followUp.labels == ["a": "b"])
        #expect(followUp.delay == .milliseconds(1500))
    }

    /// The queue's own defaults are those of the queue that it goes to.
    @Test func theDefaultsOfItsQueueCount() throws {
        var rules = rules
        var defaults = TaskDefaults()
        defaults.timeout = .seconds(3)
        rules.queues = QueueBook(["default": TaskDefaults(), "other": defaults])
        let followUps = try rules.check(draft { $0.queue = "other" }).followUps
        #expect(followUps[.onSuccess]?.timeout == .seconds(3))
        rules.makesQueues = false
        let error = #expect(throws: ValidationError.self) { try rules.check(draft { $0.queue = "unknown" }) }
        #expect(error?.problems.map(\.field) == ["on_success.queue"])
    }

    static let bad: [(String, @Sendable (inout FollowUpDraft) -> Void)] = [
        ("request.url", { $0.url = nil }), ("request.url", { $0.url = "http://169.254.169.254/" }),
        ("request.method", { $0.method = "GET" }), ("request.method", { $0.method = "TRACE" }),
        ("request.headers.Idempotency-Key", { $0.headers = [HeaderField(name: "Idempotency-Key", value: "x")] }),
        ("request.max_redirects", { $0.maxRedirects = 11 }), ("queue", { $0.queue = "a b" }),
        ("success.rule", { $0.successRule = "any" }), ("retry.max_retries", { $0.maxRetries = 101 }),
        ("timeout_ms", { $0.timeoutMilliseconds = 1 }), ("labels.a", { $0.labels = ["a": "\n"] }),
        ("delay_s", { $0.delay = 31_536_001 }), ("delay_s", { $0.delay = -1 }),
    ]

    @Test(arguments: bad.indices) func itIsCheckedLikeATask(index: Int) {
        let error = #expect(throws: ValidationError.self) { try rules.check(draft(Self.bad[index].1)) }
        #expect(error?.problems.map(\.field) == ["on_success.\(Self.bad[index].0)"])
    }

    /// What is wrong with the queue of the task is told once.
    @Test func problemsOfBothAreTold() {
        var draft = draft { $0.delay = -1 }
        draft.queue = "a b"
        draft.followUps[.onFailure] = FollowUpDraft()
        let error = #expect(throws: ValidationError.self) { try rules.check(draft) }
        #expect(error?.problems.map(\.field) == ["queue", "on_success.delay_s", "on_failure.request.url"])
    }

    // MARK: Copies and changes

    @Test func aCopyHasThem() throws {
        let task = try rules.check(draft())
        #expect(try rules.check(copyOf: task, planTime: TaskRulesTests.planTime).followUps == task.followUps)
        var strict = rules
        strict.addresses = AddressPolicies(AddressPolicy(preset: .public))
        var inside = task
        inside.followUps[.onSuccess]?.request.url = "http://127.0.0.1/"
        let error = #expect(throws: ValidationError.self) {
            try strict.check(copyOf: inside, planTime: TaskRulesTests.planTime)
        }
        #expect(error?.problems.map(\.field) == ["on_success.request.url"])
    }

    @Test(arguments: [(1, true), (0, false), (-5, false)]) func aCopyExpiresIfItCanBeCalled(
        seconds: Int, _ expires: Bool
    )
        throws
    {
        var task = try rules.check(TaskRulesTests.draft())
        task.expiresAt = TaskRulesTests.planTime + .seconds(60 + seconds)
        let copy = try rules.check(copyOf: task, planTime: TaskRulesTests.planTime + .seconds(60))
        #expect(copy.expiresAt == (expires ? task.expiresAt : nil))
    }

    @Test(arguments: [(1, true), (0, false), (-1, false)]) func itExpiresAfterItsPlanTime(
        microseconds: Int, isAccepted: Bool
    ) throws {
        let draft = TaskRulesTests.draft { $0.expiresAt = TaskRulesTests.planTime + .microseconds(microseconds) }
        if isAccepted {
            #expect(try rules.check(draft).expiresAt == draft.expiresAt)
        } else {
            let error = #expect(throws: ValidationError.self) { try rules.check(draft) }
            #expect(error?.problems.map(\.field) == ["expires_at"])
        }
    }

    private func record(_ change: (inout NewTask) -> Void = { _ in }) throws -> TaskRecord {
        var task = try rules.check(draft())
        change(&task)
        return TaskRecord(
            id: TaskID(high: 1, low: 2), task: task, state: .scheduled, attempt: 0, nextAttemptAt: task.planTime,
            createdAt: task.planTime, finishedAt: nil, version: 1, requestVersion: 1)
    }

    @Test func aPatchChangesWhatItNames() throws {
        let (time, later) = (TaskRulesTests.planTime, TaskRulesTests.planTime + .seconds(60))
        var patch = TaskPatch()
        #expect(try rules.check(patch, of: record()) == TaskEdit())
        patch.expiresAt = .some(later)
        #expect(try rules.check(patch, of: record()).expiresAt == .some(later))
        patch.expiresAt = .some(nil)
        #expect(try rules.check(patch, of: record { $0.expiresAt = later }).expiresAt == .some(nil))
        patch.expiresAt = .some(time)
        #expect(throws: ValidationError.self) { try rules.check(patch, of: record()) }
        patch.planTime = time - .seconds(1)
        #expect(try rules.check(patch, of: record()).expiresAt == .some(time))
        // A new time alone must fit as well.
        patch = TaskPatch()
        patch.planTime = later
        #expect(throws: ValidationError.self) { try rules.check(patch, of: record { $0.expiresAt = later }) }
        patch = TaskPatch()
        var followUp = FollowUpDraft()
        followUp.url = "http://b.example/"
        patch.followUps = [.onSuccess: nil, .onFailure: followUp]
        let edit = try rules.check(patch, of: record { $0.queue = "mail" })
        #expect(edit.followUps[.onSuccess] == .some(nil))
        #expect(edit.followUps[.onFailure]??.queue == "mail")
        followUp.url = "nonsense"
        patch.followUps = [.onFailure: followUp]
        let error = #expect(throws: ValidationError.self) { try rules.check(patch, of: record()) }
        #expect(error?.problems.map(\.field) == ["on_failure.request.url"])
    }

    @Test func aFollowUpHasNone() throws {
        var follower = try record()
        follower.follows = TaskID(high: 1, low: 1)
        var patch = TaskPatch()
        patch.followUps = [.onFailure: nil]
        _ = try rules.check(patch, of: follower)
        var followUp = FollowUpDraft()
        followUp.url = "http://b.example/"
        patch.followUps = [.onFailure: followUp]
        let error = #expect(throws: ValidationError.self) { try rules.check(patch, of: follower) }
        #expect(error?.problems.map(\.field) == ["on_failure"])
    }
}
