import MySQL
import Scheduler
import Testing

/// The database's clock as seen from here: never early, and quick to see that it was set.
@Suite struct ClockEstimateTests {
    /// A database clock that runs at a rate of its own and is asked over a network that is slower one way than the other.
    struct World {
        let origin = ContinuousClock.now
        var epoch: Int64 = 1_795_255_200_000_000
        /// Parts per million by which the database's clock is fast.
        var rate = 0.0

        /// What the database's clock shows, in microseconds with a fraction.
        func databaseTime(at instant: ContinuousClock.Instant) -> Double {
            Double(epoch) + Self.microseconds(origin.duration(to: instant)) * (1 + rate / 1_000_000)
        }

        func reading(at seconds: Double, there: Double, back: Double) -> ClockReading {
            let sentAt = origin.advanced(by: .seconds(seconds))
            let asked = sentAt.advanced(by: .microseconds(there))
            // UTC_TIMESTAMP(6) cuts.
            return ClockReading(
                sentAt: sentAt, receivedAt: asked.advanced(by: .microseconds(back)),
                databaseTime: Timestamp(microseconds: Int64(databaseTime(at: asked).rounded(.down))))
        }

        static func microseconds(_ duration: Duration) -> Double {
            Double(duration.components.seconds) * 1e6 + Double(duration.components.attoseconds) / 1e12
        }
    }

    /// Microseconds there and back, and the drift in parts per million.
    static let trips: [(Double, Double, Double)] = [0, 100, 5000].flatMap { there in
        [0.0, 100, 40_000].flatMap { back in [-100.0, 0, 100].map { (there, back, $0) } }
    }

    @Test(arguments: trips) func neverEarly(there: Double, back: Double, rate: Double) {
        var world = World()
        world.rate = rate
        let estimate = ClockEstimate(world.reading(at: 0, there: there, back: back))
        for ahead in [1, 1000, 10_000, 1_000_000, 30_000_000, 3_600_000_000] as [Int64] {
            let planTime = Timestamp(microseconds: world.epoch + Int64(there + back) + ahead)
            let fired = world.databaseTime(at: estimate.instant(of: planTime))
            // A Double holds these numbers to a quarter of a microsecond.
            #expect(fired >= Double(planTime.microseconds) - 0.25)
            // Nor later than the trip and the drift explain.
            #expect(fired <= Double(planTime.microseconds) + there + back + 2.1e-4 * Double(ahead) + 20)
        }
    }

    @Test(arguments: trips) func neverAtOrAfter(there: Double, back: Double, rate: Double) {
        var world = World()
        world.rate = rate
        let estimate = ClockEstimate(world.reading(at: 0, there: there, back: back))
        for ahead in [1, 1000, 10_000, 1_000_000, 30_000_000, 3_600_000_000] as [Int64] {
            let time = Timestamp(microseconds: world.epoch + Int64(there + back) + ahead)
            let last = world.databaseTime(at: estimate.instant(before: time))
            #expect(last <= Double(time.microseconds) + 0.25)
            #expect(last >= Double(time.microseconds) - there - back - 2.1e-4 * Double(ahead) - 20)
            #expect(estimate.instant(before: time) < estimate.instant(of: time))
        }
    }

    @Test(arguments: trips) func theErrorIsWithinItsBound(there: Double, back: Double, rate: Double) {
        var world = World()
        world.rate = rate
        let estimate = ClockEstimate(world.reading(at: 0, there: there, back: back))
        for ahead in [0.1, 1, 60, 3600] {
            let instant = world.origin.advanced(by: .seconds(ahead))
            let error = Double(estimate.time(at: instant).microseconds) - world.databaseTime(at: instant)
            #expect(abs(error) <= World.microseconds(estimate.errorBound(at: instant)) + 2)
        }
    }

    @Test func aBetterReadingIsTakenAndAWorseOneIsNot() {
        let world = World()
        var estimate = ClockEstimate(world.reading(at: 0, there: 1000, back: 1000))
        let later = world.origin.advanced(by: .seconds(1))
        estimate.add(world.reading(at: 0.9, there: 100, back: 100))
        #expect(estimate.errorBound(at: later) < .microseconds(200))
        let bound = estimate.errorBound(at: later)
        estimate.add(world.reading(at: 0.95, there: 30_000, back: 100))
        #expect(estimate.errorBound(at: later) == bound)
    }

    @Test func anAgedReadingGivesWayToAWorseOne() {
        let world = World()
        var estimate = ClockEstimate(world.reading(at: 0, there: 50, back: 50))
        // In an hour the drift may have grown to 360 ms.
        estimate.add(world.reading(at: 3600, there: 20_000, back: 20_000))
        #expect(estimate.errorBound(at: world.origin.advanced(by: .seconds(3600.1))) < .milliseconds(25))
    }

    /// The database's clock was set, or another server took over.
    @Test(arguments: [-3_600_000_000, -50_000, 50_000, 3_600_000_000] as [Int64])
    func aClockThatJumpsIsFollowedAtOnce(jump: Int64) {
        var world = World()
        var estimate = ClockEstimate(world.reading(at: 0, there: 100, back: 100))
        estimate.add(world.reading(at: 3, there: 100, back: 100))
        world.epoch += jump
        // Even by a reading that is worse than the old one.
        estimate.add(world.reading(at: 6, there: 900, back: 700))
        let planTime = Timestamp(microseconds: world.epoch + 10_000_000)
        let fired = world.databaseTime(at: estimate.instant(of: planTime))
        #expect(fired >= Double(planTime.microseconds) - 0.25)
        #expect(fired <= Double(planTime.microseconds) + 5000)
    }

    @Test func timesAndInstantsBelongTogether() {
        let world = World()
        let estimate = ClockEstimate(world.reading(at: 0, there: 0, back: 0))
        let instant = world.origin.advanced(by: .seconds(10))
        #expect(estimate.time(at: instant) == Timestamp(microseconds: world.epoch + 10_000_000))
        #expect(estimate.instant(of: estimate.time(at: instant)) >= instant)
        #expect(estimate.errorBound(at: world.origin) == .zero)
    }
}
