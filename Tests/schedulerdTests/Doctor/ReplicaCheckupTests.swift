import MySQL
import Scheduler
import Testing

@testable import schedulerd

@Suite struct ReplicaCheckupTests {
    private static let now = Timestamp(rfc3339: "2026-11-20T12:00:00Z")!

    @Test(
        arguments: [
            // Seconds ago: the newest heartbeat of the primary, that of the replica.
            (2, 2, Finding.Level.ok), (2, 1, .ok), (2, 14, .ok), (2, 16, .problem), (2, nil, .problem),
            // Nothing runs: both are old, and it has what there is.
            (90_000, 90_000, .ok), (nil, nil, .warning),
        ] as [(Int?, Int?, Finding.Level)])
    func lag(primary: Int?, replica: Int?, level: Finding.Level) {
        let finding = ReplicaCheckup.lag(
            primary.map { Self.now - .seconds($0) }, now: Self.now, replica: replica.map { Self.now - .seconds($0) },
            limit: .seconds(15))
        #expect(finding.level == level, "\(finding)")
        #expect((finding.advice == nil) == (level == .ok))
    }

    @Test func aReplicaThatCanBeWrittenToIsAWarning() {
        #expect(ReplicaCheckup.rights(isReadOnly: true).level == .ok)
        #expect(ReplicaCheckup.rights(isReadOnly: false).level == .warning)
    }
}
