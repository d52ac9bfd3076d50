import MySQL
import Scheduler
import Testing

@testable import schedulerd

@Suite struct ExportPlaceTests {
    private static let now = Timestamp(rfc3339: "2026-11-20T12:00:00Z")!

    private static func place(_ state: ReplicaState?, fallsBack: Bool = true) throws -> ExportPlace {
        try ExportPlace(state, now: now, rules: .init(fallsBack: fallsBack, maxLag: .seconds(15)))
    }

    @Test func theReplicaIsReadAndItsLagIsSaid() throws {
        let place = try Self.place(.seen(upTo: Self.now - .seconds(2)))
        #expect(place.source == .replica)
        #expect(place.notice == "slave_db is read, which is 2 s behind")
    }

    @Test(arguments: [true, false])
    func whileNothingRunsItIsRead(fallsBack: Bool) throws {
        let place = try Self.place(nil, fallsBack: fallsBack)
        #expect(place.source == .replica)
        #expect(place.notice?.contains("no instance runs") == true)
    }

    @Test func oneThatIsLateIsReadOnlyToSpareThePrimary() throws {
        let late = ReplicaState.seen(upTo: Self.now - .seconds(60))
        let fallen = try Self.place(late)
        #expect(fallen.source == .primary)
        #expect(
            fallen.notice
                == "slave_db is 60 s behind, more than slave_db.max_lag_s, so master_db is read")
        let spared = try Self.place(late, fallsBack: false)
        #expect(spared.source == .replica)
        #expect(spared.notice == "slave_db is read, which is 60 s behind, more than slave_db.max_lag_s")
    }

    @Test func oneThatIsAwayIsAnErrorWhereThePrimaryIsToBeSpared() throws {
        let fallen = try Self.place(.away("gone"))
        #expect(fallen.source == .primary)
        #expect(fallen.notice == "slave_db is away, so master_db is read: gone")
        let error = #expect(throws: ExportPlace.Unreadable.self) { try Self.place(.away("gone"), fallsBack: false) }
        #expect(error?.description == "slave_db cannot be read, and slave_db.fallback is off: gone")
    }
}
