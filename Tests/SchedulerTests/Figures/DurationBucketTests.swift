import MySQL
import Scheduler
import Testing

@Suite struct DurationBucketTests {
    @Test(
        arguments: [
            (-5_000, 100), (0, 100), (100, 100), (101, 200), (200, 200), (201, 500), (1_000, 1_000), (1_001, 2_000),
            (49_999, 50_000), (1_000_000_000, 1_000_000_000), (2_000_000_001, 3_600_000_000),
            (3_600_000_000, 3_600_000_000), (3_600_000_001, 4_294_967_295), (.max, 4_294_967_295),
        ] as [(Int64, UInt32)])
    func eachDurationHasItsBucket(microseconds: Int64, bound: UInt32) {
        #expect(DurationBucket(microseconds: microseconds).bound == bound)
    }

    @Test func theStepsAreOneTwoFive() {
        let bounds = DurationBucket.all.map(\.bound)
        #expect(bounds.prefix(7) == [100, 200, 500, 1_000, 2_000, 5_000, 10_000])
        #expect(bounds == bounds.sorted())
        #expect(Set(bounds).count == bounds.count)
    }

    @Test func aMinuteBeginsAtItsSecondZero() throws {
        for (time, minute) in [
            ("2026-11-21T10:00:59.999999Z", "2026-11-21T10:00:00Z"), ("2026-11-21T10:01:00Z", "2026-11-21T10:01:00Z"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:00Z"),
        ] {
            #expect(try #require(Timestamp(rfc3339: time)).minute == Timestamp(rfc3339: minute))
        }
    }
}
