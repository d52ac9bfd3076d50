import MySQL
import Scheduler
import Testing

/// Rounds of peek and claim on tables in memory: whatever the room and whichever queues are paused for a while, no row
/// within the lookahead is left behind.
@Suite struct ClaimPlanSimulation {
    struct Row: Hashable {
        let stage: Stage
        let queueID: Int
        /// Plan time in `scheduled`, arrival in `ready`.
        let order: Int64
        let id: Int
    }

    static let start: Int64 = 1_795_255_200_000_000

    @Test(arguments: 1...50) func everyRowIsClaimedWithoutASweep(seed: Int) {
        var generator = TimingWheelTests.Generator(state: UInt64(seed))
        var plan = ClaimPlan(
            .init(
                lookahead: .seconds(30), pollMax: .seconds(1), readyPoll: .milliseconds(100),
                sweepInterval: .seconds(1_000_000), lead: .milliseconds(15),
                batch: .random(in: 1...50, using: &generator)))
        var rows: Set<Row> = []
        var now = Self.start
        var claimed = 0
        var count = 0

        func head(_ stage: Stage, _ low: Timestamp?) -> [QueueHead] {
            let seen = rows.filter { $0.stage == stage && $0.order >= low?.microseconds ?? 0 }
            return Dictionary(grouping: seen, by: \.queueID).sorted { $0.key < $1.key }.map { queueID, rows in
                QueueHead(
                    stage: stage, queueID: queueID, first: Timestamp(microseconds: rows.map(\.order).min()!))
            }
        }

        var paused: Set<Int> = []

        func round(room: Int, backlogRoom: Int) {
            let time = Timestamp(microseconds: now)
            let low = plan.lowMarks(now: time)
            let heads = head(.scheduled, low.scheduled) + head(.ready, low.ready)
            if plan.take(ClaimPlanTests.paused(paused)) { return }
            var left = room + backlogRoom * heads.count
            var positions: [(range: ClaimRange, reached: Timestamp?)] = []
            for range in plan.ranges(heads, now: time, room: room, backlogRoom: { _, _ in backlogRoom }) {
                let found = rows.filter {
                    $0.stage == range.stage && $0.queueID == range.queueID && $0.order >= range.low!.microseconds
                        && ($0.stage == .ready || $0.order <= range.upTo.microseconds)
                }.sorted { ($0.order, $0.id) < ($1.order, $1.id) }.prefix(range.limit)
                rows.subtract(found)
                claimed += found.count
                left -= found.count
                positions.append(
                    (range, found.count == range.limit ? Timestamp(microseconds: found.last!.order) : nil))
            }
            #expect(left >= 0)
            #expect(positions.allSatisfy { !paused.contains($0.range.queueID) })
            if !positions.isEmpty { plan.advance(positions, now: time) }
        }

        for _ in 0..<300 {
            for _ in 0..<Int.random(in: 0...10, using: &generator) {
                count += 1
                // As the placement rule has it: due within the lookahead goes to ready, by its arrival.
                let isReady = Bool.random(using: &generator)
                let order = isReady ? now : now + .random(in: 30_000_001...40_000_000, using: &generator)
                rows.insert(
                    Row(
                        stage: isReady ? .ready : .scheduled, queueID: .random(in: 1...5, using: &generator),
                        order: order, id: count))
            }
            if Int.random(in: 0...9, using: &generator) == 0 {
                paused.formSymmetricDifference([.random(in: 1...5, using: &generator)])
            }
            round(
                room: .random(in: 1...12, using: &generator), backlogRoom: .random(in: 0...12, using: &generator))
            now += .random(in: 0...300_000, using: &generator)
        }
        now += 60_000_000
        paused = []
        for _ in 0...count { round(room: 10_000, backlogRoom: 10_000) }
        #expect(rows.isEmpty, "seed \(seed): \(rows.count) of \(count) rows are left behind the low marks")
        #expect(claimed == count)
    }
}
