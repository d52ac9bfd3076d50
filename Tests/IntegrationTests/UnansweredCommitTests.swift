import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// Asked what a COMMIT did whose answer was lost, the store waits for a transaction that is still under way.
@Suite struct UnansweredCommitTests {
    @Test(arguments: [true, false], [Stage.scheduled, .ready])
    func claimUnderWayIsWaitedFor(commits: Bool, stage: Stage) async throws {
        try await TestDatabase.migrated { database in
            let store = MySQLStore(database.options, prefix: "", connections: 8, lifetime: .zero, lease: .seconds(10))
            defer { store.close() }
            let (id, time) = (TaskID(milliseconds: 1, random: (1, 1)), Timestamp(microseconds: 1_800_000_000_000_000))
            let connection = try database.connect()
            if stage == .scheduled {
                try connection.run("INSERT INTO scheduled (queue_id, plan_time, task_id) VALUES (1, \(time), \(id))")
            } else {
                try connection.run(
                    "INSERT INTO ready (queue_id, entered_at, task_id, plan_time) VALUES (1, \(time), \(id), \(time))")
            }
            try connection.run(text: "START TRANSACTION")
            try connection.run(
                stage == .scheduled
                    ? "DELETE FROM scheduled WHERE task_id = \(id)" : "DELETE FROM ready WHERE task_id = \(id)")
            try connection.run(
                """
                INSERT INTO claims (task_id, incarnation, queue_id, plan_time, claimed_at)
                VALUES (\(id), 7, 1, \(time), \(time))
                """)
            async let held = store.heldClaims(
                [.init(order: time, id: id, planTime: time)],
                ClaimRange(stage: stage, queueID: 1, low: nil, upTo: time, limit: 1), incarnation: 7, claimedAt: time)
            try await untilSomebodyWaits(database)
            try connection.run(text: commits ? "COMMIT" : "ROLLBACK")
            #expect(try await held == (commits ? [id] : []))
        }
    }

    @Test(arguments: [true, false])
    func startUnderWayIsWaitedFor(commits: Bool) async throws {
        try await TestDatabase.migrated { database in
            let store = MySQLStore(database.options, prefix: "", connections: 8, lifetime: .zero, lease: .seconds(10))
            defer { store.close() }
            let (id, time) = (TaskID(milliseconds: 1, random: (1, 1)), Timestamp(microseconds: 1_800_000_000_000_000))
            let connection = try database.connect()
            try connection.run(
                """
                INSERT INTO claims (task_id, incarnation, queue_id, plan_time, claimed_at)
                VALUES (\(id), 7, 1, \(time), \(time))
                """)
            try connection.run(text: "START TRANSACTION")
            try connection.run("UPDATE claims SET attempt = 1, started_at = \(time) WHERE task_id = \(id)")
            async let started = store.startedClaims([id], incarnation: 7, startedAt: time)
            try await untilSomebodyWaits(database)
            try connection.run(text: commits ? "COMMIT" : "ROLLBACK")
            #expect(try await started == (commits ? [id] : []))
        }
    }

    /// It was rolled back, and since then something else of the same incarnation has placed or started the task.
    @Test func whatAnotherDidIsNotTakenForTheAnswer() async throws {
        try await TestDatabase.migrated { database in
            let store = MySQLStore(database.options, prefix: "", connections: 8, lifetime: .zero, lease: .seconds(10))
            defer { store.close() }
            let (id, time) = (TaskID(milliseconds: 1, random: (1, 1)), Timestamp(microseconds: 1_800_000_000_000_000))
            let later = time + .milliseconds(1)
            try database.change(
                """
                INSERT INTO claims (task_id, incarnation, queue_id, plan_time, claimed_at, attempt, started_at)
                VALUES (\(id), 7, 1, \(time), \(later), 1, \(later))
                """)
            let range = ClaimRange(stage: .ready, queueID: 1, low: nil, upTo: time, limit: 1)
            let row = MySQLStore.ClaimedRow(order: time, id: id, planTime: time)
            #expect(try await store.heldClaims([row], range, incarnation: 7, claimedAt: time).isEmpty)
            #expect(try await store.heldClaims([row], range, incarnation: 7, claimedAt: later) == [id])
            #expect(try await store.startedClaims([id], incarnation: 7, startedAt: time).isEmpty)
            #expect(try await store.startedClaims([id], incarnation: 7, startedAt: later) == [id])
        }
    }

    /// Until a statement waits in this database. MariaDB's tables of locks are no help: whoever reads them within a tenth
    /// of a second of others is shown what was true before.
    private func untilSomebodyWaits(_ database: TestDatabase) async throws {
        let connection = try database.connect()
        let waits: Query =
            switch connection.server.kind {
            case .mariadb:
                """
                SELECT COUNT(*) FROM information_schema.PROCESSLIST
                WHERE DB = DATABASE() AND ID <> CONNECTION_ID() AND COMMAND <> 'Sleep' AND TIME_MS > 200
                """
            case .mysql:
                """
                SELECT COUNT(*) FROM performance_schema.data_lock_waits w
                JOIN performance_schema.data_locks l ON l.ENGINE_LOCK_ID = w.REQUESTING_ENGINE_LOCK_ID
                WHERE l.OBJECT_SCHEMA = DATABASE()
                """
            }
        try await eventually { try connection.run(waits).rows[0].integer(0) > 0 }
    }
}
