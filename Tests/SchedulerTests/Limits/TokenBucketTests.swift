import Scheduler
import Testing

@Suite struct TokenBucketTests {
    let start = ContinuousClock.now

    func at(_ seconds: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func itGivesTheBurstAndThenTheRate() {
        var bucket = TokenBucket(rate: 10, burst: 3, at: start)
        let taken = (0..<5).map { _ in bucket.take(at: start) }
        #expect(taken == [true, true, true, false, false])
        #expect(bucket.count(at: at(0.09)) == 0)
        #expect(bucket.count(at: at(0.1)) == 1)
        #expect(bucket.count(at: at(60)) == 3)
        #expect(bucket.take(at: at(0.1)) == true)
        #expect(bucket.take(at: at(0.15)) == false)
        #expect(bucket.take(at: at(0.2)) == true)
    }

    /// Rate, burst, whether it is full, and when the first token is there, in seconds.
    @Test(
        arguments: [
            (4, 1, false, 0.25), (4, 1, true, 0), (0.5, 1, false, 2), (0, 5, false, nil), (0, 5, true, 0),
            (5, 0, true, nil),
        ] as [(Double, Int, Bool, Double?)])
    func itSaysWhenTheNextIsThere(rate: Double, burst: Int, isFull: Bool, seconds: Double?) throws {
        let bucket = TokenBucket(rate: rate, burst: burst, isFull: isFull, at: start)
        let next = bucket.next(at: start).map { start.duration(to: $0) / .seconds(1) }
        if let seconds {
            #expect(abs(try #require(next) - seconds) < 0.001)
        } else {
            #expect(next == nil)
        }
    }

    @Test func tokensAreTakenAheadOfTheirTime() {
        var bucket = TokenBucket(rate: 10, burst: 2, at: start)
        #expect(bucket.count(upTo: 100, within: .milliseconds(350), at: start) == 5)
        let times = bucket.take(upTo: 100, within: .milliseconds(350), at: start)
        #expect(times.map { (start.duration(to: $0) / .milliseconds(1)).rounded() } == [0, 0, 100, 200, 300])
        // They are gone until then, and one that is put back is there again.
        #expect(bucket.take(upTo: 100, within: .milliseconds(50), at: at(0.3)) == [])
        #expect(bucket.count(at: at(0.39)) == 0)
        #expect(bucket.count(at: at(0.4)) == 1)
        bucket.putBack(1)
        #expect(bucket.count(at: at(0.4)) == 2)
        #expect(bucket.count(upTo: 1, within: .seconds(9), at: at(0.4)) == 1)
    }

    @Test func aLowerBurstTakesWhatIsTooMuchAndAHigherOneGivesNothing() {
        var bucket = TokenBucket(rate: 1, burst: 10, at: start)
        bucket.change(rate: 0.5, burst: 4, at: start)
        #expect(bucket.count(at: start) == 4)
        bucket.change(rate: 1, burst: 10, at: start)
        #expect(bucket.count(at: start) == 4)
        #expect(bucket.count(at: at(2)) == 6)
    }

    @Test func aClockThatStandsStillGivesNothing() {
        var bucket = TokenBucket(rate: 1000, burst: 1, at: start)
        #expect(bucket.take(at: at(1)) == true)
        #expect(bucket.take(at: at(1)) == false)
        #expect(bucket.take(at: at(0.5)) == false)
        #expect(bucket.take(at: at(1.001)) == true)
    }

    /// Whatever is asked for and however, no window holds more than the rate and the burst allow, and nothing is lost.
    @Test(arguments: 1...20) func noWindowHoldsTooMuch(seed: Int) {
        var generator = TimingWheelTests.Generator(state: UInt64(seed))
        let rate = Double.random(in: 0.5...200, using: &generator)
        let burst = Int.random(in: 1...20, using: &generator)
        var bucket = TokenBucket(rate: rate, burst: burst, isFull: false, at: start)
        var now = 0.0
        var times: [Double] = []
        for _ in 0..<400 {
            now += Double.random(in: 0...0.15, using: &generator)
            let given = bucket.take(
                upTo: .random(in: 0...30, using: &generator), within: .milliseconds(200), at: at(now))
            times += given.map { start.duration(to: $0) / .seconds(1) }
        }
        #expect(times == times.sorted())
        for first in times.indices {
            for last in [first + 1, first + burst, first + 3 * burst, first + 100] where last < times.count {
                let count = Double(last - first + 1)
                #expect(count <= rate * (times[last] - times[first]) + Double(burst) + 0.01)
            }
        }
    }
}
