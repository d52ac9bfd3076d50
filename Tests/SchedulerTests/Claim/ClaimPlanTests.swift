import MySQL
import Testing

@testable import Scheduler

@Suite struct ClaimPlanTests {
    static let start = Timestamp(microseconds: 1_795_255_200_000_000)

    static func plan(sweep: Duration = .seconds(5), batch: Int = 500) -> ClaimPlan {
        ClaimPlan(
            .init(
                lookahead: .seconds(30), pollMax: .seconds(1), readyPoll: .milliseconds(100), sweepInterval: sweep,
                lead: .milliseconds(15), batch: batch))
    }

    /// As much backlog as anybody wants.
    static func plenty(_ queue: Int, _ share: BacklogShare) -> Int { 10_000 }

    static func paused(_ queues: Set<Int>) -> [Int: QueueRule] {
        queues.reduce(into: [:]) { rules, queue in rules[queue, default: QueueRule()].isPaused = true }
    }

    static func head(_ stage: Stage, _ queue: Int, _ seconds: Double) -> QueueHead {
        QueueHead(stage: stage, queueID: queue, first: start + .microseconds(Int64(seconds * 1_000_000)))
    }

    // MARK: Ranges

    @Test func onlyWhatIsWithinTheLookaheadIsClaimed() {
        var plan = Self.plan()
        let heads = [
            Self.head(.scheduled, 1, 29), Self.head(.scheduled, 2, 30), Self.head(.scheduled, 3, 30.000001),
            Self.head(.ready, 3, -2),
        ]
        let ranges = plan.ranges(heads, now: Self.start, room: 900, backlogRoom: { _, _ in 40 })
        #expect(ranges.map(\.queueID) == [1, 2, 3])
        #expect(ranges.map(\.stage) == [.scheduled, .scheduled, .ready])
        #expect(ranges.map(\.low) == [heads[0].first, heads[1].first, heads[3].first])
        #expect(ranges.allSatisfy { $0.upTo == Self.start + .seconds(30) })
        #expect(ranges.map(\.limit) == [300, 300, 40])
    }

    /// Queues with work, room, batch, and what each may claim.
    @Test(
        arguments: [
            (1, 10_000, 500, [500]), (2, 10_000, 500, [500, 500]), (2, 100, 500, [50, 50]),
            (3, 100, 500, [33, 33, 33]),
            (3, 2, 500, [1, 1]), (1, 0, 500, []), (2, -5, 500, []), (0, 100, 500, []), (2, 100, 10, [10, 10]),
        ] as [(Int, Int, Int, [Int])])
    func theRoomIsShared(queues: Int, room: Int, batch: Int, limits: [Int]) {
        var plan = Self.plan(batch: batch)
        let heads = (0..<queues).map { Self.head(.scheduled, $0, 1) }
        let ranges = plan.ranges(heads, now: Self.start, room: room, backlogRoom: { _, _ in 0 })
        #expect(ranges.map(\.limit) == limits)
        #expect(ranges.reduce(0) { $0 + $1.limit } <= max(0, room))
    }

    // MARK: Backlog

    @Test func overdueTasksAreClaimedAsFarAsTheyCanBeStartedAndTheOthersBesideThem() {
        var plan = Self.plan()
        let heads = [Self.head(.scheduled, 1, -60), Self.head(.scheduled, 2, 5), Self.head(.ready, 3, -1)]
        var asked: [(Int, Int)] = []
        let ranges = plan.ranges(heads, now: Self.start, room: 900) { queue, share in
            asked.append((queue, share.total))
            return queue == 1 ? 7 : 0
        }
        // Two queues have a backlog, or may have: what lies in `ready` shows only its arrival.
        #expect(asked.map(\.0) == [1, 3])
        #expect(asked.allSatisfy { $0.1 == 2 })
        #expect(ranges.map(\.queueID) == [1, 1, 2])
        #expect(ranges.map(\.limit) == [7, 300, 300])
        #expect(ranges[0].low == heads[0].first)
        #expect(ranges[0].upTo == Self.start + .milliseconds(15))
        #expect(ranges[1].low == Self.start + .microseconds(15_001))
        #expect(ranges[1].upTo == Self.start + .seconds(30))
        #expect(plan.hasPassedOver)
    }

    // MARK: Low marks

    @Test func theFirstLookIsASweep() {
        var plan = Self.plan()
        let low = plan.lowMarks(now: Self.start)
        #expect(low.scheduled == nil)
        #expect(low.ready == nil)
    }

    @Test func marksFollowWhatWasClaimedAndFallAtASweep() throws {
        var plan = Self.plan()
        _ = plan.lowMarks(now: Self.start)
        let heads = [Self.head(.scheduled, 1, 3), Self.head(.ready, 1, -1)]
        let ranges = plan.ranges(heads, now: Self.start, room: 900, backlogRoom: Self.plenty)
        // The first came back full and got as far as 7 s ahead, the other was read to its end.
        plan.advance([(ranges[0], Self.start + .seconds(7)), (ranges[1], nil)], now: Self.start)
        let low = plan.lowMarks(now: Self.start + .milliseconds(4999))
        #expect(low.scheduled == Self.start + .seconds(6))
        #expect(low.ready == Self.start - .seconds(1))
        let swept = plan.lowMarks(now: Self.start + .seconds(5))
        #expect(swept.scheduled == nil)
        #expect(swept.ready == nil)
        #expect(plan.lowMarks(now: Self.start + .seconds(6)).scheduled == nil)
    }

    @Test func marksNeverGoBackBetweenSweeps() throws {
        var plan = Self.plan()
        _ = plan.lowMarks(now: Self.start)
        let range = ClaimRange(
            stage: .scheduled, queueID: 1, low: nil, upTo: Self.start + .seconds(30), limit: 10)
        plan.advance([(range, nil)], now: Self.start)
        plan.advance([(range, Self.start + .seconds(2))], now: Self.start + .seconds(1))
        #expect(plan.lowMarks(now: Self.start + .seconds(1)).scheduled == Self.start + .seconds(29))
    }

    @Test func theSlowestQueueHoldsTheMark() {
        var plan = Self.plan()
        _ = plan.lowMarks(now: Self.start)
        let heads = (1...3).map { Self.head(.scheduled, $0, Double($0)) }
        let ranges = plan.ranges(heads, now: Self.start, room: 900, backlogRoom: Self.plenty)
        plan.advance(
            [(ranges[0], nil), (ranges[1], Self.start + .seconds(4)), (ranges[2], nil)], now: Self.start)
        #expect(plan.lowMarks(now: Self.start).scheduled == Self.start + .seconds(3))
    }

    /// Nobody claimed from the queues that got no share of the room: their rows must be seen by the next peek.
    @Test(arguments: [Stage.scheduled, .ready]) func noMarkPassesAQueueThatGotNoShare(stage: Stage) throws {
        var plan = Self.plan()
        _ = plan.lowMarks(now: Self.start)
        let heads = [Self.head(stage, 1, -10), Self.head(stage, 2, -8), Self.head(stage, 3, -9)]
        let ranges = plan.ranges(heads, now: Self.start, room: 1, backlogRoom: { queue, _ in queue == 1 ? 9 : 0 })
        #expect(Set(ranges.map(\.queueID)) == [1])
        #expect(plan.hasPassedOver)
        plan.advance(ranges.map { ($0, nil) }, now: Self.start)
        let marks = plan.lowMarks(now: Self.start)
        let low = try #require(stage == .scheduled ? marks.scheduled : marks.ready)
        #expect(low <= heads[2].first)
        // When there is room for all again, the mark moves on.
        let all = plan.ranges(Array(heads.dropFirst()), now: Self.start, room: 100, backlogRoom: Self.plenty)
        #expect(!plan.hasPassedOver)
        plan.advance(all.map { ($0, nil) }, now: Self.start)
        let end = stage == .scheduled ? Self.start + .seconds(29) : Self.start - .seconds(1)
        let after = plan.lowMarks(now: Self.start)
        #expect((stage == .scheduled ? after.scheduled : after.ready) == end)
    }

    // MARK: Paused queues

    @Test func whatIsPausedIsNeitherClaimedNorPolledFor() {
        var plan = Self.plan()
        _ = plan.lowMarks(now: Self.start)
        let heads = [
            Self.head(.scheduled, 1, -5), Self.head(.scheduled, 2, 3), Self.head(.ready, 1, -1),
            Self.head(.scheduled, 3, 30.1), Self.head(.scheduled, 4, 30.2),
        ]
        let (paused, all): (Set<Int>, Set<Int>) = ([1, 3], [1, 2, 3, 4])
        #expect(plan.take(Self.paused(paused)) == false)
        let ranges = plan.ranges(heads, now: Self.start, room: 100, backlogRoom: Self.plenty)
        #expect(ranges.map(\.queueID) == [2])
        #expect(ranges[0].limit == 100)
        #expect(!plan.hasPassedOver)
        #expect(plan.pause(heads.filter { $0.queueID != 2 }, now: Self.start) == .milliseconds(200))
        #expect(plan.take(Self.paused(all)) == false)
        #expect(plan.ranges(heads, now: Self.start, room: 100, backlogRoom: Self.plenty).isEmpty)
        #expect(plan.pause(heads, now: Self.start) == .seconds(1))
    }

    @Test func whatGoesOnIsFoundWithTheNextLook() {
        var plan = Self.plan()
        _ = plan.lowMarks(now: Self.start)
        #expect(plan.take(Self.paused([1])) == false)
        let heads = [Self.head(.scheduled, 1, -5), Self.head(.scheduled, 2, 3)]
        let ranges = plan.ranges(heads, now: Self.start, room: 100, backlogRoom: Self.plenty)
        plan.advance(ranges.map { ($0, nil) }, now: Self.start)
        // The mark has passed the paused queue's rows, for nobody's delay.
        #expect(plan.lowMarks(now: Self.start).scheduled == Self.start + .seconds(29))
        #expect(plan.take(Self.paused([1, 2])) == false)
        #expect(plan.lowMarks(now: Self.start).scheduled == Self.start + .seconds(29))
        #expect(plan.take(Self.paused([2])) == true)
        #expect(plan.lowMarks(now: Self.start).scheduled == nil)
        #expect(plan.take(Self.paused([2])) == false)
    }

    // MARK: Classes and limits

    @Test func overdueTasksAreOfClassesAndTheirQueuesHaveWeights() {
        var plan = Self.plan()
        var (high, heavy) = (QueueRule(), QueueRule())
        high.priority = 5
        heavy.weight = 3
        #expect(plan.take([1: high, 2: heavy]) == false)
        let heads = [
            Self.head(.scheduled, 1, -60), Self.head(.scheduled, 2, -50), Self.head(.ready, 3, -1),
            Self.head(.scheduled, 4, 5),
        ]
        var shares: [Int: BacklogShare] = [:]
        let ranges = plan.ranges(heads, now: Self.start, room: 900) { queue, share in
            shares[queue] = share
            return 10
        }
        #expect(
            shares == [
                1: BacklogShare(priority: 5, weight: 1, total: 1),
                2: BacklogShare(priority: 0, weight: 3, total: 4, isBelow: true),
                3: BacklogShare(priority: 0, weight: 1, total: 4, isBelow: true),
            ])
        // What is on time is of no class.
        #expect(ranges.filter { $0.backlog == nil }.map(\.queueID) == [1, 2, 4])
        plan.passOver(ranges.first { $0.queueID == 2 }!)
        #expect(plan.hasPassedOver)
    }

    @Test func ofLimitedQueuesWhatIsDueIsClaimedAndNothingElse() {
        var plan = Self.plan()
        var rule = QueueRule()
        rule.maxConcurrency = 5
        #expect(plan.take([1: rule, 2: rule]) == false)
        let heads = [Self.head(.scheduled, 1, -60), Self.head(.scheduled, 2, 5), Self.head(.scheduled, 3, 5)]
        let limited = [
            LimitedQueues.Due(queueID: 1, head: heads[0].first, room: 4, isOnTime: false),
            LimitedQueues.Due(queueID: 2, head: Self.start, room: 3, isOnTime: true),
        ]
        let ranges = plan.ranges(
            heads, limited: limited, now: Self.start, room: 900, startRoom: 2, backlogRoom: Self.plenty)
        #expect(ranges.map(\.queueID) == [1, 2, 3])
        #expect(ranges.map(\.limit) == [4, 2, 500])
        #expect(ranges.map(\.isLimited) == [true, true, false])
        #expect(ranges.map { $0.backlog == nil } == [false, true, true])
        #expect(ranges[0].upTo == Self.start + .milliseconds(15))
        #expect(!plan.hasPassedOver)
        #expect(plan.pause(heads, now: Self.start) == .milliseconds(1))
        #expect(plan.pause(Array(heads.prefix(2)), now: Self.start) == .seconds(1))
        _ = plan.ranges(heads, limited: limited, now: Self.start, room: 900, startRoom: 0) { _, _ in 0 }
        #expect(plan.hasPassedOver)
        // A limit that is lifted: the mark has passed its rows.
        #expect(plan.take([2: rule]) == true)
    }

    // MARK: Pauses

    @Test(
        arguments: [
            ([], 1000), ([60], 1000), ([30.25], 250), ([31.5, 30.1, 90], 100), ([30.0001], 1), ([-5], 1),
        ] as [([Double], Int)])
    func pauseUntilTheNextIsWithinTheLookahead(heads: [Double], milliseconds: Int) {
        let plan = Self.plan()
        let heads = heads.enumerated().map { Self.head(.scheduled, $0, $1) }
        #expect(plan.pause(heads, now: Self.start) == .milliseconds(milliseconds))
    }

    @Test func readyIsAskedMoreOftenWhileItIsInUse() {
        var plan = Self.plan()
        #expect(plan.pause([], now: Self.start) == .seconds(1))
        _ = plan.ranges([Self.head(.ready, 1, 0)], now: Self.start, room: 10, backlogRoom: Self.plenty)
        #expect(plan.pause([], now: Self.start) == .milliseconds(100))
        #expect(plan.pause([], now: Self.start + .milliseconds(4999)) == .milliseconds(100))
        #expect(plan.pause([Self.head(.scheduled, 1, 30.05)], now: Self.start) == .milliseconds(50))
        #expect(plan.pause([], now: Self.start + .seconds(5)) == .seconds(1))
    }
}
