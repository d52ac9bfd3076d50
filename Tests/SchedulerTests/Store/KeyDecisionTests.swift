import MySQL
import Testing

@testable import Scheduler

/// What is done with groups, by the rows that there are once all have asked for their keys.
@Suite struct KeyDecisionTests {
    private static func id(_ number: UInt64) -> TaskID { TaskID(milliseconds: 1, random: (number, 0)) }

    private static func group(
        _ tasks: [(number: UInt64, key: String?)], request: RequestKey? = nil, isWhole: Bool = true,
        _ onConflict: OnConflict = .reject
    ) -> TaskGroup {
        let accepted = tasks.map { number, key in
            AcceptedTask(
                id: id(number),
                task: NewTask(
                    queue: "q", planTime: Timestamp(microseconds: 0),
                    request: CallbackRequest(method: "GET", url: "http://a.test/"), successRule: .status2xx,
                    retrySchedule: RetrySchedule(maxRetries: 0, delays: []), timeout: .seconds(1), key: key),
                queueID: 1, createdAt: Timestamp(microseconds: 0), place: .ready)
        }
        let terms = GroupTerms(
            requestKey: request, isWhole: isWhole, onConflict: tasks.map { _ in onConflict }
        ) { _ in RequestAnswer(status: 201, body: [], task: id(0)) }
        return TaskGroup(tasks: accepted, terms: terms)
    }

    private static func rows(_ holders: [(String, UInt64)]) -> [KeyID: KeyDecision.Row] {
        Dictionary(
            uniqueKeysWithValues: holders.map { key, number in
                (KeyID(queueID: 1, key: key), KeyDecision.Row(task: id(number), fingerprint: nil, answer: nil))
            })
    }

    private static let answer = RequestAnswer(status: 201, body: [1], task: id(9))
    private static let repeated: RequestAnswer = {
        var repeated = answer
        repeated.isRepeated = true
        return repeated
    }()
    private static let request = RequestKey("k", request: [1])

    private static func requestRow(_ number: UInt64, _ request: RequestKey, _ answer: RequestAnswer?)
        -> [KeyID: KeyDecision.Row]
    {
        [request.id: KeyDecision.Row(task: id(number), fingerprint: request.fingerprint, answer: answer)]
    }

    @Test func aKeyThatIsFreeIsTaken() {
        let decision = KeyDecision([Self.group([(1, "a"), (2, nil)])], Self.rows([("a", 1)]), made: [])
        #expect(decision.verdicts == [.take([.make, .make])])
        #expect(decision.dropped.isEmpty)
    }

    @Test(
        arguments: [
            (RequestKey("k", request: [1]), 1, nil, KeyDecision.Verdict.take([.make])),
            (RequestKey("k", request: [1]), 9, answer, .end(.answered(repeated, made: []))),
            // The COMMIT of its own was not answered.
            (RequestKey("k", request: [1]), 1, answer, .end(.answered(repeated, made: []))),
            (RequestKey("k", request: [2]), 9, answer, .end(.otherRequest)),
            (RequestKey("k", request: [1]), 9, nil, .end(.underWay)),
        ] as [(RequestKey, UInt64, RequestAnswer?, KeyDecision.Verdict)])
    func aRequest(first: RequestKey, holder: UInt64, answer: RequestAnswer?, verdict: KeyDecision.Verdict) {
        let rows = Self.requestRow(holder, first, answer)
        let decision = KeyDecision([Self.group([(1, nil)], request: Self.request)], rows, made: [])
        #expect(decision.verdicts == [verdict])
        #expect(decision.dropped.isEmpty)
    }

    @Test func aWholeIsRefusedWithAllThatItAskedFor() {
        let groups = [Self.group([(1, "a"), (2, "b")], request: Self.request)]
        var rows = Self.rows([("a", 1), ("b", 9)])
        rows.merge(Self.requestRow(1, Self.request, nil)) { one, _ in one }
        let decision = KeyDecision(groups, rows, made: [])
        #expect(decision.verdicts == [.end(.refused([TakenKey(index: 1, holder: Self.id(9))]))])
        #expect(decision.dropped == [KeyID(queueID: 1, key: "a"): Self.id(1), Self.request.id: Self.id(1)])
    }

    @Test func eachIsJudgedByItself() {
        let groups = [
            Self.group([(1, "a"), (2, "b")], isWhole: false), Self.group([(3, "b")], .return), Self.group([(4, nil)]),
        ]
        let decision = KeyDecision(groups, Self.rows([("a", 1), ("b", 9)]), made: [])
        #expect(
            decision.verdicts == [
                .take([.make, .conflict(Self.id(9))]), .take([.existing(Self.id(9))]), .take([.make]),
            ])
        #expect(decision.dropped.isEmpty)
    }

    /// The first has the key and is refused for another reason: the second is asked again.
    @Test func aKeyOfWhoIsNotMadeIsNotTaken() {
        let groups = [Self.group([(1, "a"), (2, "b")]), Self.group([(3, "a")])]
        let decision = KeyDecision(groups, Self.rows([("a", 1), ("b", 9)]), made: [])
        #expect(decision.verdicts == [.end(.refused([TakenKey(index: 1, holder: Self.id(9))])), .again])
        #expect(decision.dropped == [KeyID(queueID: 1, key: "a"): Self.id(1)])
    }

    @Test func whatIsThereAlreadyAsksForNothing() {
        let decision = KeyDecision([Self.group([(1, "a")])], Self.rows([("a", 9)]), made: [Self.id(1)])
        #expect(decision.verdicts == [.take([.make])])
    }

    @Test func keysAreInOneOrder() {
        let keys = (1...3).flatMap { queue in ["a", "b", "c"].map { KeyID(queueID: queue, key: $0) } }
        #expect(keys.shuffled().sorted() == keys.shuffled().sorted())
        #expect(Self.request.id < keys[0])
        #expect(KeyID(queueID: 1, key: "x") < KeyID(queueID: 2, key: "a"))
        #expect(RequestKey("k", of: "a", request: []).id != RequestKey("k", of: "b", request: []).id)
    }
}
