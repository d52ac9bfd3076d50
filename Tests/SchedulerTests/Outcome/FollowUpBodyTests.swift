import MySQL
import Testing

@testable import Scheduler

/// What a follow-up is made of, and what it is told.
@Suite struct FollowUpBodyTests {
    private static let ended = Timestamp(microseconds: 1_795_168_800_250_000)
    private static let id = TaskID(high: 1, low: 1)

    private func outcome(_ fate: OutcomeRecord.Fate, response: [UInt8] = [], isCut: Bool = false) -> OutcomeRecord {
        OutcomeRecord(
            id: Self.id, queueID: 3, host: "a", fate: fate,
            attempt: AttemptRecord(
                attempt: 2, incarnation: 1, version: 1, planTime: Self.ended, startedAt: Self.ended, duration: .zero,
                succeeded: fate == .succeeded, outcomeClass: "status", message: "m", status: 500,
                timings: CallTimings(), address: nil, response: response, responseTruncated: isCut))
    }

    private func follow(_ outcome: OutcomeRecord, _ change: (inout FollowUp) -> Void = { _ in }) -> [AcceptedTask] {
        var followUp = FollowUpTests.custom
        followUp.request.headers = []
        change(&followUp)
        var task = SuccessCriteriaTests.task(.status2xx).task
        task.followUps = [.onFailure: followUp]
        var outcome = outcome
        outcome.follow(
            FollowUpSource(task: task, queueIDs: ["mail": 7]), now: Self.ended, id: { TaskID(high: 2, low: 2) },
            place: { queue, time in queue == 7 && time > Self.ended ? .scheduled : .ready })
        return outcome.followUps
    }

    @Test(arguments: [
        (OutcomeRecord.Fate.succeeded, 0), (.retry(at: ended, .ready), 0), (.dead(reason: "r"), 1),
        (.expired(reason: "r", startedAt: ended), 1),
    ]) func anEndThatWasAskedForIsFollowed(_ fate: OutcomeRecord.Fate, count: Int) {
        let made = follow(outcome(fate))
        #expect(made.count == count)
        for task in made {
            #expect(task.id == TaskID(high: 2, low: 2) && task.follows == Self.id && task.queueID == 7)
            #expect(task.place == .scheduled && task.createdAt == Self.ended)
            #expect(task.task.planTime == Self.ended + .milliseconds(1250))
            #expect(task.task.labels == FollowUpTests.custom.labels && task.task.followUps.isEmpty)
        }
    }

    /// Text, text that was cut in the middle of a character, what is no text, nothing.
    @Test(
        arguments: [
            (Array("ä\"\n".utf8), false, "ä\"\n", "utf8"), (Array("ab".utf8) + [0xC3], true, "ab", "utf8"),
            (Array("ab".utf8) + [0xC3], false, "YWLD", "base64"), ([], false, nil, "utf8"),
        ] as [([UInt8], Bool, String?, String)])
    func theAnswerIsTold(_ response: [UInt8], isCut: Bool, _ text: String?, _ encoding: String) throws {
        let made = follow(outcome(.dead(reason: "r"), response: response, isCut: isCut))
        let body = try JSONParser.parse(try #require(made.first?.task.request.body))
        let last = try #require(body["last_attempt"])
        #expect(last["response"]?.text == text && last["response_encoding"]?.text == encoding)
        #expect(last["response_truncated"] == .bool(isCut))
        #expect(body["reason"]?.text == "r" && body["attempts"]?.integer == 2)
    }

    @Test func oneThatExpiredWasNotCalled() throws {
        let made = follow(outcome(.expired(reason: "r", startedAt: Self.ended)))
        let body = try JSONParser.parse(try #require(made.first?.task.request.body))
        #expect(body["expired"] == .bool(true) && body["last_attempt"] == .null && body["attempts"]?.integer == 1)
    }

    @Test(arguments: [[], ["content-TYPE"]]) func theBodyHasAType(_ names: [String]) {
        let made = follow(outcome(.dead(reason: "r"))) { followUp in
            followUp.request.headers = names.map { HeaderField(name: $0, value: "application/vnd.x+json") }
        }
        let headers = made.first?.task.request.headers ?? []
        #expect(headers.count == 1)
        #expect(headers.first?.value == (names.isEmpty ? "application/json" : "application/vnd.x+json"))
    }
}
