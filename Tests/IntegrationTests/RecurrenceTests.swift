import MySQL
import Scheduler
import TestSupport
import Testing

/// Schedules on real servers.
@Suite struct RecurrenceTests {
    private static func draft(_ name: String, every: Double = 1, _ change: (inout ScheduleDraft) -> Void = { _ in })
        -> ScheduleDraft
    {
        var draft = ScheduleDraft()
        draft.name = name
        draft.every = every
        draft.task.url = "http://127.0.0.1:1/"
        draft.task.maxRetries = 0
        change(&draft)
        return draft
    }

    private static func runs(_ name: String, _ database: TestDatabase) throws -> [String] {
        try database.connect().run(
            """
            SELECT JSON_UNQUOTE(JSON_EXTRACT(labels, '$.schedule_run')) FROM tasks
            WHERE JSON_UNQUOTE(JSON_EXTRACT(labels, '$.schedule')) = \(name) ORDER BY 1
            """
        ).rows.map { try $0.text(0) }
    }

    /// Three instances make the runs of a schedule each second: each second has one task.
    @Test func severalInstancesMakeEachRunOnce() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { first in
                try await RunningScheduler.with(database) { second in
                    try await RunningScheduler.with(database) { _ in
                        _ = try await first.add(Self.draft("each"), isPaused: false)
                        try await eventually { try Self.runs("each", database).count >= 12 }
                        let paused = try await second.pause(schedule: "each")
                        #expect(paused.nextAt == nil && paused.pausedAt != nil)
                    }
                }
            }
            let runs = try Self.runs("each", database)
            #expect(Set(runs).count == runs.count)
            let times = runs.compactMap { Timestamp(rfc3339: $0)?.microseconds }
            #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 1_000_000 }, "\(runs)")
            let schedule = try database.connect().run("SELECT runs, skipped FROM schedules").rows[0]
            #expect(try schedule.integer(0) == runs.count && schedule.integer(1) == 0)
        }
    }

    @Test func runsHaveTheirFollowUps() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let draft = Self.draft("told") { draft in
                    draft.task.url = receiver.url("/run")
                    var followUp = FollowUpDraft()
                    followUp.url = receiver.url("/done")
                    draft.task.followUps[.onSuccess] = followUp
                }
                _ = try await scheduler.add(draft, isPaused: false)
                try await eventually { receiver.log.requests.contains { $0.path == "/done" } }
                let call = try #require(receiver.log.requests.first { $0.path == "/done" })
                #expect(try JSONParser.parse(call.body)["labels"]?["schedule"]?.text == "told")
            }
        }
    }

    /// What was to come while nobody was there.
    @Test(arguments: [("skip", 0), ("run_once", 1), ("run_all", 4)])
    func missedRuns(_ policy: String, _ made: Int) async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let draft = Self.draft("missed", every: 3600) { draft in
                    draft.missed = policy
                    draft.missedLimit = 4
                }
                _ = try await scheduler.add(draft, isPaused: true)
            }
            // As if it had been there half past ten hours ago, and no instance since.
            try database.connect().run(
                """
                UPDATE schedules SET paused_at = NULL, next_at = UTC_TIMESTAMP(6) - INTERVAL 37800 SECOND,
                  make_at = UTC_TIMESTAMP(6) - INTERVAL 37800 SECOND,
                  rule = CONCAT('3600000 ', CAST((UNIX_TIMESTAMP() - 37800) * 1000000 AS UNSIGNED))
                """)
            try await RunningScheduler.with(database) { scheduler in
                try await eventually { try await scheduler.schedule("missed").nextAt.map { $0 > .now } ?? false }
                #expect(try Self.runs("missed", database).count == made)
                #expect(try await scheduler.schedule("missed").skipped == 1)
            }
        }
    }

    @Test func aRunIsLeftOutWhileTheLastGoesOn() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let draft = Self.draft("slow") { draft in
                    draft.overlap = "skip"
                    draft.task.maxRetries = 5
                    draft.task.retryDelays = [3600]
                }
                _ = try await scheduler.add(draft, isPaused: false)
                try await eventually { try await scheduler.schedule("slow").skipped >= 2 }
                #expect(try Self.runs("slow", database).count == 1)
                let schedule = try await scheduler.schedule("slow")
                let task = try #require(schedule.lastTask)
                _ = try await scheduler.cancel(task)
                try await eventually { try Self.runs("slow", database).count == 2 }
            }
        }
    }

    @Test func aScheduleIsChangedRunPausedAndDeleted() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let nightly = Self.draft("nightly") { draft in
                    (draft.every, draft.cron, draft.timezone) = (nil, "0 3 * * *", "Europe/Berlin")
                }
                let added = try await scheduler.add(nightly, isPaused: false)
                #expect(added.nextAt != nil)
                await #expect(throws: ScheduleError.exists("nightly")) {
                    try await scheduler.add(nightly, isPaused: false)
                }
                var hourly = nightly
                hourly.cron = "30 * * * *"
                let changed = try await scheduler.replace(hourly)
                #expect(changed.version == 2)
                let next = try #require(changed.nextAt)
                #expect(next - .now <= .seconds(3600))
                let task = try await scheduler.run(schedule: "nightly")
                #expect(task.task.labels["schedule"] == "nightly")
                #expect(try await scheduler.pause(schedule: "nightly").nextAt == nil)
                #expect(try await scheduler.resume(schedule: "nightly").nextAt == next)
                try await scheduler.deleteSchedule("nightly")
                await #expect(throws: ScheduleError.unknown("nightly")) { try await scheduler.schedule("nightly") }
                await #expect(throws: ScheduleError.unknown("nightly")) { try await scheduler.replace(hourly) }
                await #expect(throws: ScheduleError.unknown("nightly")) {
                    try await scheduler.deleteSchedule("nightly")
                }
            }
        }
    }

    /// Runs are made ahead of their time, so that they are called at it.
    @Test func runsAreMadeAhead() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                _ = try await scheduler.add(Self.draft("ahead", every: 2), isPaused: false)
                try await eventually { try Self.runs("ahead", database).count >= 4 }
                let ahead = try database.connect().run(
                    "SELECT COUNT(*) FROM tasks WHERE created_at < plan_time - INTERVAL 1 SECOND"
                ).rows[0].integer(0)
                #expect(ahead > 0)
            }
        }
    }

    @Test func theQueueOfAScheduleIsNotDeleted() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                _ = try await scheduler.add(Self.draft("letters") { $0.task.queue = "mail" }, isPaused: true)
                await #expect(throws: SchedulerError.queueNeeded("mail", by: "letters")) {
                    try await scheduler.deleteQueue("mail")
                }
                try await scheduler.deleteSchedule("letters")
                try await scheduler.deleteQueue("mail")
            }
        }
    }

    /// What this machine cannot read is paused and told, and holds up no other.
    @Test func whatCannotBeReadIsPaused() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                _ = try await scheduler.add(Self.draft("strange", every: 3600), isPaused: false)
            }
            // While nobody is at it, so that this waits for no lock.
            try database.connect().run("UPDATE schedules SET kind = 'moon', make_at = UTC_TIMESTAMP(6)")
            try await RunningScheduler.with(database) { scheduler in
                _ = try await scheduler.add(Self.draft("good"), isPaused: false)
                try await eventually { try Self.runs("good", database).count >= 2 }
                let row = try database.connect().run("SELECT paused_at FROM schedules WHERE name = 'strange'").rows[0]
                #expect(!row.isNull(0))
            }
        }
    }
}
