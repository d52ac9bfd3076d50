import MySQL
import Scheduler
import Testing

@Suite struct PlacementRuleTests {
    struct Case: Sendable {
        /// Seconds from now to the plan time; the lookahead is 30 s.
        let ahead: Double
        let incarnation: UInt64?
        let hasRoom: Bool
        let place: Place

        init(_ ahead: Double, _ incarnation: UInt64?, room hasRoom: Bool, _ place: Place) {
            self.ahead = ahead
            self.incarnation = incarnation
            self.hasRoom = hasRoom
            self.place = place
        }
    }

    static let cases = [
        Case(0, 7, room: true, .claimed(7)), Case(-3600, 7, room: true, .claimed(7)),
        Case(30, 7, room: true, .claimed(7)), Case(30.000001, 7, room: true, .scheduled),
        Case(86_400, 7, room: true, .scheduled),
        Case(0, 7, room: false, .ready), Case(30, 7, room: false, .ready), Case(30.000001, 7, room: false, .scheduled),
        Case(0, nil, room: true, .ready), Case(30, nil, room: true, .ready), Case(31, nil, room: true, .scheduled),
        Case(31, nil, room: false, .scheduled),
    ]

    @Test(arguments: cases) func place(expected: Case) {
        var rule = PlacementRule(lookahead: .seconds(30), incarnation: expected.incarnation)
        let now = Timestamp(microseconds: 1_795_255_200_000_000)
        let planTime = now + .microseconds(Int64(expected.ahead * 1_000_000))
        #expect(rule.place(planTime, queue: 1, now: now, hasRoom: expected.hasRoom) == expected.place)
        // Nobody claims what a paused queue gets.
        rule.paused = [1]
        let place: Place = expected.place == .scheduled ? .scheduled : .ready
        #expect(rule.place(planTime, queue: 1, now: now, hasRoom: expected.hasRoom) == place)
        #expect(rule.place(planTime, queue: 2, now: now, hasRoom: expected.hasRoom) == expected.place)
        // Nor what a queue gets that nobody has looked at: it may be paused or limited.
        rule.newestQueue = 2
        #expect(rule.place(planTime, queue: 2, now: now, hasRoom: expected.hasRoom) == expected.place)
        #expect(rule.place(planTime, queue: 3, now: now, hasRoom: expected.hasRoom) == place)
    }

    /// Seconds ahead, room; place and seconds ahead of what was put off.
    @Test(arguments: [
        (5, true, Place.claimed(7), 5), (30, true, .claimed(7), 30), (31, true, .scheduled, 31),
        (5, false, .scheduled, 31), (30, false, .scheduled, 31), (300, false, .scheduled, 300),
    ])
    func whatIsPutOffLeavesRoom(_ ahead: Int, _ hasRoom: Bool, _ place: Place, _ later: Int) {
        let rule = PlacementRule(lookahead: .seconds(30), incarnation: 7)
        let now = Timestamp(microseconds: 1_795_255_200_000_000)
        let putOff = rule.putOff(now + .seconds(ahead), queue: 1, now: now, hasRoom: hasRoom)
        #expect(putOff.place == place)
        #expect(putOff.planTime == now + .seconds(later))
    }

    @Test func whatIsHeldOfAPausedQueueIsToBeGivenBackOnce() async {
        let placer = Placer(wheel: Wheel(), roomInWheel: { 10 }, lookahead: .seconds(30))
        let now = Timestamp(microseconds: 1_795_255_200_000_000)
        placer.setIncarnation(7)
        func commit(_ queue: Int, _ place: Place) {
            placer.committed([
                Placement(id: TaskID(high: 1, low: 0), queueID: queue, planTime: now, place: place)
            ])
        }
        placer.setQueues(paused: [])
        commit(1, .claimed(7))
        #expect(placer.takeHeldWithheld().isEmpty)
        placer.setQueues(paused: [1])
        #expect(placer.takeHeldWithheld() == [1])
        #expect(placer.takeHeldWithheld().isEmpty)
        // As before, or fewer: nothing more is held.
        placer.setQueues(paused: [1])
        placer.setQueues(paused: [])
        placer.setQueues(paused: [1, 2])
        #expect(placer.takeHeldWithheld() == [1, 2])
        commit(3, .claimed(7))
        commit(2, .scheduled)
        commit(2, .ready)
        #expect(placer.takeHeldWithheld().isEmpty)
        #expect(await placer.claimable.wait(until: .now, SystemTime()) == false)
        // Placed before the pause was seen.
        commit(2, .claimed(7))
        #expect(placer.takeHeldWithheld() == [1, 2])
        #expect(await placer.claimable.wait(until: .now, SystemTime()))
    }

    @Test func whatALimitedQueueGetsWaitsInScheduled() async {
        let placer = Placer(wheel: Wheel(), roomInWheel: { 10 }, lookahead: .seconds(30))
        let now = Timestamp(microseconds: 1_795_255_200_000_000)
        placer.setIncarnation(7)
        placer.setQueues(paused: [], limited: [1: now + .seconds(5)])
        #expect(placer.place(now, queue: 1, now: now) == .scheduled)
        #expect(placer.place(now, queue: 2, now: now) == .claimed(7))
        #expect(placer.takeHeldWithheld() == [1])
        func commit(_ ahead: Duration, _ place: Place) {
            placer.committed([
                Placement(id: TaskID(high: 1, low: 0), queueID: 1, planTime: now + ahead, place: place)
            ])
        }
        // Of interest is what comes before all that is waited for.
        commit(.seconds(5), .scheduled)
        #expect(await placer.claimable.wait(until: .now, SystemTime()) == false)
        commit(.seconds(4), .scheduled)
        #expect(await placer.claimable.wait(until: .now, SystemTime()))
        #expect(placer.takeHeldWithheld().isEmpty)
        commit(.zero, .claimed(7))
        #expect(placer.takeHeldWithheld() == [1])
    }

    @Test func whatAnInstanceClaimsOnInsertGoesIntoItsWheel() async {
        let wheel = Wheel()
        let placer = Placer(wheel: wheel, roomInWheel: { 1 }, lookahead: .seconds(30))
        let now = Timestamp(microseconds: 1_795_255_200_000_000)
        #expect(placer.place(now, queue: 1, now: now) == .ready)
        placer.setIncarnation(7)
        // Not before it is known which queues are paused or limited.
        #expect(placer.place(now, queue: 1, now: now) == .ready)
        placer.setQueues(paused: [])
        #expect(placer.place(now, queue: 1, now: now) == .claimed(7))
        let ids = (1...3).map { TaskID(high: $0, low: 0) }
        placer.committed([
            Placement(id: ids[0], queueID: 1, planTime: now, place: .claimed(7)),
            Placement(id: ids[1], queueID: 1, planTime: now + .seconds(3600), place: .scheduled),
        ])
        #expect(wheel.take(dueBy: now + .seconds(7200), limit: 10) == [WheelEntry(planTime: now, id: ids[0])])
        #expect(await placer.claimable.wait(until: .now, SystemTime()) == false)
        placer.committed([Placement(id: ids[2], queueID: 1, planTime: now, place: .ready)])
        #expect(await placer.claimable.wait(until: .now, SystemTime()))
        #expect(wheel.count == 0)
        // A full wheel leaves it to whoever has room.
        wheel.insert([WheelEntry(planTime: now, id: ids[0])])
        #expect(placer.place(now, queue: 1, now: now) == .ready)
        placer.setLookahead(.seconds(60))
        #expect(placer.place(now + .seconds(45), queue: 1, now: now) == .ready)
        #expect(placer.place(now + .seconds(61), queue: 1, now: now) == .scheduled)
    }
}
