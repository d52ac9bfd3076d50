import Testing

@testable import Transfer

@Suite struct WaitingLinesTests {
    static func lines(_ counts: [Int: Int], due: Int64 = 5) -> WaitingLines {
        var lines = WaitingLines()
        for (line, count) in counts {
            for number in 0..<count {
                let request = TransferRequest(
                    token: UInt64(line * 1000 + number), fireAt: .now, method: "GET", url: "http://x/",
                    timeout: .seconds(1))
                lines.insert(request, due: due, line: line)
            }
        }
        return lines
    }

    /// How many of each line are taken.
    static func taken(
        _ lines: inout WaitingLines, now: Int64 = 5, count: Int, running: [Int: Int] = [:], limit: Int
    ) -> [Int: Int] {
        var batch: [TransferRequest] = []
        lines.takeDue(at: now, count: count, running: running, limit: limit, into: &batch)
        return batch.reduce(into: [:]) { $0[Int($1.token) / 1000, default: 0] += 1 }
    }

    @Test func nothingIsTakenBeforeItIsDue() {
        var lines = Self.lines([1: 3])
        #expect(lines.nextDue(running: [:], limit: 10) == 5)
        #expect(Self.taken(&lines, now: 4, count: 10, limit: 10).isEmpty)
        #expect(Self.taken(&lines, count: 10, limit: 10) == [1: 3])
        #expect(lines.count == 0)
        #expect(lines.nextDue(running: [:], limit: 10) == nil)
    }

    @Test func aLineAloneMayHaveAll() {
        var lines = Self.lines([1: 100])
        #expect(Self.taken(&lines, count: 100, running: [1: 30], limit: 56) == [1: 26])
        #expect(lines.nextDue(running: [1: 56], limit: 56) == nil)
    }

    @Test func linesTakeTurns() {
        var lines = Self.lines([1: 100, 2: 100, 3: 1])
        // What the third does not use is for the next round.
        #expect(Self.taken(&lines, count: 30, limit: 300) == [1: 10, 2: 10, 3: 1])
        #expect(Self.taken(&lines, count: 30, limit: 300) == [1: 15, 2: 15])
    }

    /// A line whose calls hang keeps to its share: the other has its own, also when the first has taken more while alone.
    @Test func aLineThatHangsHoldsUpNoOther() {
        var lines = Self.lines([1: 500, 2: 500])
        #expect(Self.taken(&lines, count: 32, running: [1: 448], limit: 448) == [2: 32])
        #expect(lines.nextDue(running: [1: 448, 2: 224], limit: 448) == nil)
        // With room for all, nobody is held to an even share.
        #expect(Self.taken(&lines, count: 32, running: [1: 100, 2: 300], limit: 448) == [1: 16, 2: 16])
    }

    @Test func allCanBeTakenBack() {
        var lines = Self.lines([1: 2, 2: 1])
        #expect(Set(lines.removeAll().map(\.token)) == [1000, 1001, 2000])
        #expect(lines.count == 0)
    }
}
