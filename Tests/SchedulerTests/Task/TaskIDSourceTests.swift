import MySQL
import Scheduler
import Testing

/// Of two ids made by one process the later is the greater, whatever the clock does.
@Suite struct TaskIDSourceTests {
    static let start: Int64 = 1_795_255_200_000_000

    /// Offsets in microseconds from `start` at which ids are asked for.
    static let clocks: [String: [Int64]] = [
        "stands still": Array(repeating: 0, count: 20_000),
        "goes on": (0..<10_000).map { $0 * 137 },
        "steps back": (0..<5000).map { $0 * 500 } + (0..<5000).map { -3_600_000_000 + $0 * 500 },
        "jumps to and fro": (0..<10_000).map { $0 % 2 == 0 ? $0 * 10 : -$0 * 1000 },
    ]

    @Test(arguments: clocks.keys.sorted()) func idsRise(clock: String) throws {
        let source = TaskIDSource(SystemTime())
        let ids = try #require(Self.clocks[clock]).map { source.next(at: Timestamp(microseconds: Self.start + $0)) }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        #expect(ids.allSatisfy { $0.high >> 12 & 0xF == 7 && $0.low >> 62 == 0b10 })
    }

    @Test func idBeginsWithItsTime() {
        let source = TaskIDSource(SystemTime())
        let id = source.next(at: Timestamp(microseconds: Self.start + 12_345))
        #expect(id.high >> 16 == UInt64(Self.start / 1000 + 12))
        #expect(id >= TaskID.lowerBound(Timestamp(microseconds: Self.start + 12_345)))
    }

    @Test func aFullMillisecondBorrowsTheNext() {
        let source = TaskIDSource(SystemTime())
        let ids = (0..<10_000).map { _ in source.next(at: Timestamp(microseconds: Self.start)) }
        let last = Int64(ids[9999].high >> 16) - Self.start / 1000
        // 2048 to 4096 fit into the first, 4096 into each of those after it.
        #expect((1...3).contains(last))
        #expect(Set(ids).count == ids.count)
    }

    @Test func sourcesOfOneInstantDiffer() {
        let ids = (0..<1000).map { _ in TaskIDSource(SystemTime()).next(at: Timestamp(microseconds: Self.start)) }
        #expect(Set(ids).count == ids.count)
    }
}
