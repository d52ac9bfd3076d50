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
                if state == .dead {
                    try connection.run(
                        "INSERT INTO dead_letters VALUES (\(task.id), \(task.queueID), UTC_TIMESTAMP(6), 'no more')")
                }
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
            let page = try await bench.store.tasks(filter, before: cursor, limit: limit, search: .chunks(scan))
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

    @Test func hostsAreComparedAsAWholeAndWithoutCase() async throws {
        let urls = [
            "http://a.test", "https://A.TEST/", "HTTP://a.test?x=1", "http://a.test#f", "http://a.test:80/",
            "http://a.test:8080/a", "http://a.test.evil/", "http://xa.test/", "http://b.test/http://a.test/",
            "http://[::1]:8080/", "http://b.test/?http://a.test",
        ]
        try await StoreFixture.with { bench in
            let tasks = urls.map { bench.task(.scheduled, url: $0, in: .seconds(60)) }
            try await bench.store.insert(tasks)
            for (host, expected) in [
                ("a.test", [0, 1, 2, 3]), ("A.Test", [0, 1, 2, 3]), ("a.test:80", [4]), ("a.test:8080", [5]),
                ("test", []), ("a.tes_", []), ("a%", []), ("[::1]:8080", [9]), ("b.test", [8, 10]),
            ] {
                for state in [nil, TaskState.scheduled] {
                    var filter = TaskFilter()
                    (filter.host, filter.state) = (host, state)
                    let found = try await Self.pages(bench, filter, limit: 3, scan: 4).map(\.task.request.url)
                    #expect(found == expected.reversed().map { urls[$0] }, "\(host)")
                }
            }
        }
    }

    @Test func labelsAreFoundByKeyAndValue() async throws {
        let labels: [[String: String]] = [
            [:], ["order": "42"], ["a": "1", "order": "42", "z": ""], ["order": "421"], ["reorder": "42"],
            ["a": #"x","order":"42"#], ["a": #""order":"42""#, "b": "order"], ["order": #"4"2\"#], ["order": "100%_"],
            ["order": "100xy"], ["order": "价格/😀"],
        ]
        try await StoreFixture.with { bench in
            let tasks = labels.map { labels in
                var task = bench.task(.scheduled, in: .seconds(60))
                task.task.labels = labels
                return task
            }
            try await bench.store.insert(tasks)
            for (text, expected) in [
                ("order=42", [1, 2]), ("order", [1, 2, 3, 7, 8, 9, 10]), ("reorder", [4]), ("z=", [2]), ("z", [2]),
                ("order=", []), ("order=4", []), (#"order=4"2\"#, [7]), ("order=100%_", [8]), ("order=价格/😀", [10]),
                ("a", [2, 5, 6]), (#"a=x","order":"42"#, [5]), ("nothing", []),
            ] {
                var filter = TaskFilter()
                filter.label = TaskFilter.Label(text)
                #expect(filter.label != nil)
                let found = try await Self.pages(bench, filter, limit: 2, scan: 3).map(\.task.labels)
                #expect(found == expected.reversed().map { labels[$0] }, "\(text)")
            }
        }
    }

    @Test func aSearchTellsHowFarItCame() async throws {
        try await StoreFixture.with { bench in
            let start = Timestamp(microseconds: 1_795_255_200_000_000)
            let tasks = (0..<25).map { second in
                let time = start + .seconds(second)
                return AcceptedTask(
                    id: TaskID(milliseconds: time.microseconds / 1000, random: (0, UInt64(second))),
                    task: bench.task(.ready).task, queueID: bench.queueID, createdAt: time, place: .ready)
            }
            try await bench.store.insert(tasks)
            var filter = TaskFilter()
            filter.host = "nowhere.test"
            var page = try await bench.store.tasks(filter, before: nil, limit: 10, search: .chunks(10))
            #expect(page == TaskPage(tasks: [], next: tasks[15].id, searchedTo: start + .seconds(15)))
            page = try await bench.store.tasks(filter, before: page.next, limit: 10, search: .chunks(10))
            #expect(page == TaskPage(tasks: [], next: tasks[5].id, searchedTo: start + .seconds(5)))
            page = try await bench.store.tasks(filter, before: page.next, limit: 10, search: .chunks(10))
            #expect(page == TaskPage(tasks: [], next: nil, searchedTo: nil))
            // As long as there is time it goes on, and a full page has nothing to tell.
            let patient = SearchLimits(budget: .seconds(60), firstChunk: 1, largestChunk: 4)
            #expect(try await bench.store.tasks(filter, before: nil, limit: 10, search: patient).next == nil)
            filter.host = "127.0.0.1:1"
            page = try await bench.store.tasks(filter, before: nil, limit: 10, search: patient)
            #expect(page.tasks.count == 10)
            #expect(page.next == tasks[15].id)
            #expect(page.searchedTo == nil)
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

extension SearchLimits {
    /// One chunk of so many rows for each page.
    static func chunks(_ rows: Int) -> SearchLimits {
        SearchLimits(budget: .zero, firstChunk: rows, largestChunk: rows)
    }
}
