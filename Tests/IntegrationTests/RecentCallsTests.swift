import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// What queues and destinations tell of the calls of the last hour.
@Suite struct RecentCallsTests {
    @Test func ofAQueueAndOfAHost() async throws {
        let receiver = TestServer { request in .answer(http(request.path == "/bad" ? 500 : 200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                _ = try await scheduler.createQueue("other", QueuePatch())
                var broken = TaskDraft.post(receiver.url("/bad"))
                broken.maxRetries = 0
                _ = try await scheduler.accept(broken)
                for _ in 0..<5 { _ = try await scheduler.accept(.post(receiver.url("/good"))) }
                try await eventually { try database.count("attempts") == 6 }

                // It is asked again after some seconds.
                try await eventually { try await scheduler.queue("default").recent.calls == 6 }
                let recent = try await scheduler.queue("default").recent
                #expect(recent.failures == 1)
                #expect(recent.classes == ["success": 5, "status": 1])
                #expect(recent.duration.map { 0 < $0.p50 && $0.p50 <= $0.p99 } == true)
                #expect(recent.lateness.map { 0 < $0.p50 && $0.p50 <= $0.p99 } == true)
                let queues = try await scheduler.queues(limit: 10)
                #expect(queues.map(\.recent) == [recent, RecentCalls()])

                let (destination, _) = try await scheduler.setDestination(receiver.url(""), .init())
                #expect(destination.recent.calls == 6)
                #expect(destination.recent.classes == recent.classes)
                #expect(destination.recent.lateness == nil)
                #expect(try await scheduler.destinations(after: 0, limit: 10).map(\.recent.failures) == [1])
            }
        }
    }

    @Test func whatEndedLongAgoOrWithItsInstanceIsNotCounted() async throws {
        try await StoreFixture.with { bench in
            for (minutes, outcomeClass) in [(90, "success"), (30, "lost"), (30, "success"), (1, "timeout")] {
                try bench.database.change(
                    """
                    INSERT INTO rollups_minute
                    VALUES (DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL \(minutes) MINUTE, '%Y-%m-%d %H:%i:00'), \(bench.queueID),
                      1, 1, \(outcomeClass), 500, 1000, 10)
                    """)
            }
            let recent = try await bench.store.recentCallsOfQueues()
            #expect(recent["default"]?.classes == ["success": 10, "timeout": 10])
            #expect(recent["default"]?.lateness == Percentiles(p50: 500, p99: 500))
            #expect(recent["default"]?.duration == Percentiles(p50: 1000, p99: 1000))
        }
    }
}
