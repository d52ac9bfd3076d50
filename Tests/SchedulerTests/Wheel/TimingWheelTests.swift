import MySQL
import Scheduler
import Testing

/// The wheel against a sorted list that does the same slowly.
@Suite struct TimingWheelTests {
    static let start: Int64 = 1_795_255_200_000_000
    /// 8192 slots of 4.096 ms.
    static let turn: Int64 = 8192 * 4096

    struct Generator: RandomNumberGenerator {
        var state: UInt64

        /// SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    struct Model {
        var entries: [WheelEntry] = []
        var earliest: Timestamp? { entries.map(\.planTime).min() }

        mutating func take(dueBy time: Timestamp, limit: Int) -> [WheelEntry] {
            let due = entries.filter { $0.planTime <= time }.sorted { ($0.planTime, $0.id) < ($1.planTime, $1.id) }
            let taken = Array(due.prefix(limit))
            entries.removeAll { taken.contains($0) }
            return taken
        }
    }

    static func entry(_ microseconds: Int64, _ number: Int = 0) -> WheelEntry {
        WheelEntry(planTime: Timestamp(microseconds: start + microseconds), id: TaskID(high: 1, low: UInt64(number)))
    }

    @Test(arguments: 1...20) func behavesLikeASortedList(seed: Int) throws {
        var generator = Generator(state: UInt64(seed))
        var wheel = TimingWheel()
        var model = Model()
        var now: Int64 = 0
        for step in 0..<2000 {
            if Int.random(in: 0..<20, using: &generator) == 0 {
                let entry = model.entries.randomElement(using: &generator) ?? Self.entry(now, 1_000_000)
                wheel.remove(entry)
                // Again, when it is gone.
                wheel.remove(entry)
                model.entries.removeAll { $0 == entry }
            } else if Int.random(in: 0..<3, using: &generator) > 0 {
                let offset: Int64 =
                    switch Int.random(in: 0..<10, using: &generator) {
                    case 0: .random(in: -Self.turn...0, using: &generator)  // overdue
                    case 1: .random(in: 0...5 * Self.turn, using: &generator)  // turns ahead
                    case 2: 4096 * .random(in: 0...3, using: &generator)  // the edge of a slot
                    case 3: Self.turn  // the same slot, one turn on
                    default: .random(in: 0...2_000_000, using: &generator)
                    }
                let entry = Self.entry(now + offset, step)
                wheel.insert(entry)
                model.entries.append(entry)
            } else {
                now += .random(in: 0...Self.turn / 40, using: &generator)
                let limit = Int.random(in: 0...20, using: &generator)
                let time = Timestamp(microseconds: Self.start + now)
                try #require(wheel.take(dueBy: time, limit: limit) == model.take(dueBy: time, limit: limit))
            }
            try #require(wheel.count == model.entries.count)
            try #require(wheel.earliest == model.earliest)
        }
        let end = Timestamp(microseconds: Self.start + 1000 * Self.turn)
        #expect(wheel.take(dueBy: end, limit: .max) == model.take(dueBy: end, limit: .max))
        #expect(wheel.earliest == nil)
        #expect(wheel.count == 0)
    }

    @Test func nothingIsTakenBeforeItsTime() {
        var wheel = TimingWheel()
        wheel.insert(Self.entry(1000))
        #expect(wheel.take(dueBy: Timestamp(microseconds: Self.start + 999), limit: 10).isEmpty)
        #expect(wheel.take(dueBy: Timestamp(microseconds: Self.start + 1000), limit: 10) == [Self.entry(1000)])
    }

    @Test func equalTimesComeInOrderOfID() {
        var wheel = TimingWheel()
        for number in (0..<100).shuffled() { wheel.insert(Self.entry(0, number)) }
        let time = Timestamp(microseconds: Self.start)
        #expect(wheel.take(dueBy: time, limit: 30).map(\.id.low) == Array(0..<30))
        #expect(wheel.earliest == time)
        #expect(wheel.take(dueBy: time, limit: 100).map(\.id.low) == Array(30..<100))
    }

    @Test func farFutureIsPassedOverUntilItsTurn() {
        var wheel = TimingWheel()
        wheel.insert(Self.entry(3 * Self.turn, 3))
        wheel.insert(Self.entry(Self.turn, 1))
        wheel.insert(Self.entry(0, 0))
        for number in 0...1 {
            #expect(wheel.earliest == Timestamp(microseconds: Self.start + Int64(number) * Self.turn))
            let due = wheel.take(dueBy: Timestamp(microseconds: Self.start + Int64(number) * Self.turn), limit: 10)
            #expect(due == [Self.entry(Int64(number) * Self.turn, number)])
        }
        #expect(wheel.earliest == Timestamp(microseconds: Self.start + 3 * Self.turn))
        #expect(wheel.take(dueBy: Timestamp(microseconds: Self.start + 3 * Self.turn - 1), limit: 10).isEmpty)
        #expect(wheel.count == 1)
    }

    @Test func removeAllEmptiesIt() {
        var wheel = TimingWheel()
        let entries = (0..<50).map { Self.entry(Int64($0) * 1_000_000, $0) }
        for entry in entries { wheel.insert(entry) }
        #expect(Set(wheel.removeAll().map(\.id)) == Set(entries.map(\.id)))
        #expect(wheel.count == 0)
        #expect(wheel.earliest == nil)
        wheel.insert(entries[7])
        #expect(wheel.take(dueBy: entries[7].planTime, limit: 2) == [entries[7]])
    }

    @Test(arguments: 1...20) func theMiddleIsTakenBeforeWhatIsOverdue(seed: Int) {
        var generator = Generator(state: UInt64(seed))
        var wheel = TimingWheel()
        var model = Model()
        for number in 0..<3000 {
            let time = Int64.random(in: -2_000_000..<3_000_000, using: &generator)
            let entry = Self.entry(time, number)
            wheel.insert(entry)
            model.entries.append(entry)
        }
        for _ in 0..<400 {
            let from = Timestamp(microseconds: Self.start + .random(in: -2_000_000..<3_000_000, using: &generator))
            let end = from + .microseconds(Int64.random(in: 0..<300_000, using: &generator))
            let later = model.entries.map(\.planTime).filter { $0 >= from }
            #expect(wheel.earliest(from: from) == (model.earliest! >= from ? model.earliest : later.min()))
            let limit = Int.random(in: 1...40, using: &generator)
            let due = model.entries.filter { $0.planTime >= from && $0.planTime <= end }
                .sorted { ($0.planTime, $0.id) < ($1.planTime, $1.id) }.prefix(limit)
            #expect(wheel.take(from: from, dueBy: end, limit: limit) == Array(due))
            let taken = Set(due.map(\.id))
            model.entries.removeAll { taken.contains($0.id) }
            #expect(wheel.count == model.entries.count)
            #expect(wheel.earliest == model.earliest)
            if model.entries.isEmpty { break }
        }
        #expect(wheel.take(dueBy: .range.upperBound, limit: .max).count == model.entries.count)
    }
}
