import MySQL
import Scheduler
import TestSupport
import Testing

/// Lists by every state, page by page, without gap or repeat.
@Suite struct ListTests {
    static let states = TaskState.allCases

    /// 300 tasks, the states in turn, on two queues; as the tables hold them. In order of their ids.
    static func fill(_ bench: StoreFixture) async throws -> [(id: TaskID, state: TaskState, queue: String)] {
        let incarnation = try await bench.register()
        let other = try await bench.store.queueID("other")
        var tasks: [(AcceptedTask, TaskState)] = []
        for number in 0..<300 {
            let state = states[number % states.count]
            let isClaimed = state == .claimed || state == .running || number % 14 == 3
            var task = bench.task(isClaimed ? .claimed(incarnation) : .scheduled, in: .seconds(3600))
            if number % 3 == 0 {
                task.queueID = other
                task.task.queue = "other"
            }
            tasks.append((task, state))
        }
        try await bench.store.insert(tasks.map(\.0))
        let connection = try bench.database.connect()
        for (task, state) in tasks {
            try connection.run("UPDATE tasks SET state = \(state.stored.rawValue) WHERE id = \(task.id)")
            switch state {
            case .running:
                try connection.run(
                    "UPDATE claims SET attempt = 1, started_at = UTC_TIMESTAMP(6) WHERE task_id = \(task.id)")
            case .succeeded, .dead, .cancelled:
                try connection.run("DELETE FROM claims WHERE task_id = \(task.id)")
                try connection.run("DELETE FROM scheduled WHERE task_id = \(task.id)")
                try connection.run("UPDATE tasks SET finished_at = UTC_TIMESTAMP(6) WHERE id = \(task.id)")
            case .scheduled, .claimed, .retrying: break
            }
        }
        return tasks.map {
            ($0.id, $0.placement.place == .scheduled || $1 != .scheduled ? $1 : .claimed, $0.task.queue)
        }
    }

    static func pages(_ bench: StoreFixture, _ filter: TaskFilter, limit: Int, scan: Int) async throws -> [TaskRecord] {
        var all: [TaskRecord] = []
        var cursor: TaskID?
        var pages = 0
        repeat {
            let page = try await bench.store.tasks(filter, before: cursor, limit: limit, scanLimit: scan)
            #expect(page.tasks.count <= limit)
            if let next = page.next, let cursor { #expect(next < cursor) }
            all += page.tasks
            cursor = page.next
            pages += 1
        } while cursor != nil && pages < 1000
        return all
    }

    @Test(arguments: [(7, 20), (1, 5), (50, 50), (300, 5000), (1000, 7)])
    func everyFilterGivesWhatItNames(limit: Int, scan: Int) async throws {
        try await StoreFixture.with { bench in
            let tasks = try await Self.fill(bench)
            for state in [nil] + Self.states.map(Optional.some) {
                for queue in [nil, "default", "other", "unknown"] {
                    var filter = TaskFilter()
                    filter.state = state
                    filter.queue = queue
                    let found = try await Self.pages(bench, filter, limit: limit, scan: scan)
                    let expected = tasks.filter {
                        (state == nil || $0.state == state) && (queue == nil || $0.queue == queue)
                    }
                    #expect(found.map(\.id) == expected.map(\.id).reversed(), "\(String(describing: state))")
                    #expect(found.map(\.state) == expected.map(\.state).reversed())
                    #expect(found.allSatisfy { $0.task.queue == queue || queue == nil })
                }
            }
        }
    }

    @Test func timesBoundTheList() async throws {
        try await StoreFixture.with { bench in
            // Ids a day apart.
            let start = Timestamp(microseconds: 1_795_255_200_000_000)
            let tasks = (0..<10).map { day in
                let time = start + .seconds(86_400 * day)
                return AcceptedTask(
                    id: TaskID(milliseconds: time.microseconds / 1000, random: (0, UInt64(day))),
                    task: bench.task(.ready).task, queueID: bench.queueID, createdAt: time, place: .ready)
            }
            try await bench.store.insert(tasks)
            var filter = TaskFilter()
            filter.from = start + .seconds(86_400 * 2)
            filter.to = start + .seconds(86_400 * 5)
            for state in [nil, TaskState.scheduled] {
                filter.state = state
                let found = try await bench.store.tasks(filter, before: nil, limit: 10)
                #expect(found.tasks.map(\.id) == tasks[2..<5].map(\.id).reversed())
                let rest = try await bench.store.tasks(filter, before: tasks[4].id, limit: 10)
                #expect(rest.tasks.map(\.id) == tasks[2..<4].map(\.id).reversed())
            }
        }
    }

    @Test func attemptsAreReadInParts() async throws {
        let receiver = TestServer { _ in .answer(http(500)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = TaskDraft.post(receiver.url())
                draft.maxRetries = 6
                draft.retryDelays = [0]
                draft.maxRetries = 6
                let id = try await scheduler.accept(draft).id
                try await eventually { try await scheduler.task(id).state == .dead }
                #expect(try await scheduler.attempts(of: id, after: 0, limit: 3).map(\.attempt) == [1, 2, 3])
                #expect(try await scheduler.attempts(of: id, after: 3, limit: 10).map(\.attempt) == [4, 5, 6, 7])
                #expect(try await scheduler.attempts(of: id, after: 7, limit: 10).isEmpty)
                let unknown = TaskID(high: 1, low: 1)
                await #expect(throws: SchedulerError.notFound(unknown)) {
                    _ = try await scheduler.attempts(of: unknown, after: 0, limit: 10)
                }
                await #expect(throws: SchedulerError.notFound(unknown)) { _ = try await scheduler.task(unknown) }
                await #expect(throws: SchedulerError.notFound(unknown)) { _ = try await scheduler.cancel(unknown) }
            }
        }
    }
}
