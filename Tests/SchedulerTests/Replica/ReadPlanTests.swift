import MySQL
import Testing

@testable import Scheduler

@Suite struct ReadPlanTests {
    private static let now = Timestamp(rfc3339: "2026-11-20T12:00:00Z")!

    private static func plan(
        _ state: ReplicaState, fallsBack: Bool = true, changed ago: Duration? = nil
    ) -> ReadPlan {
        ReadPlan(
            state, now: now, changedAt: ago.map { now - $0 }, rules: .init(fallsBack: fallsBack, maxLag: .seconds(15)))
    }

    private static func seen(_ ago: Duration) -> ReplicaState { .seen(upTo: now - ago) }

    @Test(arguments: [
        // Behind, falls back, changed so long ago, what is to come of it.
        (Duration.seconds(3), true, nil as Duration?, ReadPlan.replica(behind: .seconds(3), isLate: false)),
        (.seconds(15), true, nil, .replica(behind: .seconds(15), isLate: false)),
        (.seconds(16), true, nil, .primary(.replicaLate(.seconds(16)))),
        (.seconds(16), false, nil, .replica(behind: .seconds(16), isLate: true)),
        // By the clocks it is ahead.
        (.seconds(-1), true, nil, .replica(behind: .zero, isLate: false)),
        // It has what was changed, or not, or not for certain.
        (.seconds(3), true, .seconds(4), .replica(behind: .seconds(3), isLate: false)),
        (.seconds(3), true, .seconds(2), .primary(.change)), (.seconds(3), false, .seconds(2), .primary(.change)),
        (.seconds(3), true, .seconds(3), .primary(.change)), (.seconds(60), true, .seconds(5), .primary(.change)),
        (.seconds(60), false, .seconds(90), .replica(behind: .seconds(60), isLate: true)),
    ])
    func whileItIsThere(behind: Duration, fallsBack: Bool, changed: Duration?, expected: ReadPlan) {
        #expect(Self.plan(Self.seen(behind), fallsBack: fallsBack, changed: changed) == expected)
    }

    @Test(arguments: [nil, Duration.seconds(1), .seconds(3600)])
    func whileItIsAway(changed: Duration?) {
        #expect(Self.plan(.away("gone"), changed: changed) == .primary(.replicaAway("gone")))
        #expect(Self.plan(.away("gone"), fallsBack: false, changed: changed) == .nowhere("gone"))
    }
}
