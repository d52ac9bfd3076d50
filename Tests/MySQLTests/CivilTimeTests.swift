import MySQL
import Testing

@Suite struct CivilTimeTests {
    static let known: [(Int64, CivilTime)] = [
        (0, CivilTime(year: 1970, month: 1, day: 1)),
        (-1, CivilTime(year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 59, microsecond: 999_999)),
        (951_782_400_000_000, CivilTime(year: 2000, month: 2, day: 29)),
        (4_107_542_400_000_000, CivilTime(year: 2100, month: 3, day: 1)),
        (
            253_402_300_799_999_999,
            CivilTime(
                year: 9999, month: 12, day: 31, hour: 23, minute: 59, second: 59, microsecond: 999_999)
        ),
        (-30_610_224_000_000_000, CivilTime(year: 1000, month: 1, day: 1)),
        (1_795_255_200_250_000, CivilTime(year: 2026, month: 11, day: 21, hour: 10, microsecond: 250_000)),
    ]

    @Test(arguments: known) func bothWays(microseconds: Int64, civil: CivilTime) {
        #expect(CivilTime(Timestamp(microseconds: microseconds)) == civil)
        #expect(civil.timestamp == Timestamp(microseconds: microseconds))
    }

    @Test func everyDayOfFourHundredYearsComesBack() {
        for day in Int64(-80_000)...66_000 {
            let time = Timestamp(microseconds: day * 86_400_000_000)
            #expect(CivilTime(time).timestamp == time)
        }
    }
}
