import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// Lists of dead letters, page by page, without gap or repeat.
@Suite struct DeadLetterListTests {
    static let base = Timestamp(microseconds: 1_790_000_000_000_000)
    static let hosts = ["a.example", "b.example:8080", "c.example"]
    static let reasons = [
        "status 500, 200 to 299 is success", "TIMEOUT after 15 s: no 100% answer_", "connection refused",
    ]

    struct Letter {
        var id: TaskID
        var place: DeadLetterCursor
        var queue: String
        var host: String
        var reason: String
    }

    /// 200 dead tasks, several of which died at the same time; in the order of their deaths.
    static func fill(_ bench: StoreFixture, count: Int = 200) async throws -> [Letter] {
        let other = try await bench.store.queueID("other")
        var letters: [Letter] = []
        var tasks: [AcceptedTask] = []
        for number in 0..<count {
            let host = hosts[number % 3]
            var task = bench.task(.ready, url: "http://\(host)/\(number)")
            if number % 4 == 0 { (task.queueID, task.task.queue) = (other, "other") }
            tasks.append(task)
            letters.append(
                Letter(
                    id: task.id, place: .init(diedAt: base + .seconds(number / 7), id: task.id), queue: task.task.queue,
                    host: host, reason: reasons[number / 5 % 3]))
        }
        try await bench.store.insert(tasks)
        let connection = try bench.database.connect()
        try connection.run(
            text: "UPDATE tasks SET state = 3, attempt = 4, finished_at = UTC_TIMESTAMP(6); DELETE FROM ready")
        for (letter, task) in zip(letters, tasks) {
            try connection.run(
                """
                INSERT INTO dead_letters (task_id, queue_id, died_at, reason)
                VALUES (\(letter.id), \(task.queueID), \(letter.place.diedAt), \(letter.reason))
                """)
        }
        return letters.sorted { $0.place < $1.place }
    }

    static func filters() -> [(DeadLetterFilter, @Sendable (Letter) -> Bool)] {
        func filter(_ change: (inout DeadLetterFilter) -> Void) -> DeadLetterFilter {
            var filter = DeadLetterFilter()
            change(&filter)
            return filter
        }
        let (from, to) = (base + .seconds(5), base + .seconds(20))
        return [
            (filter { _ in }, { _ in true }),
            (filter { $0.queue = "other" }, { $0.queue == "other" }),
            (filter { $0.queue = "unknown" }, { _ in false }),
            (filter { $0.host = "b.example:8080" }, { $0.host == "b.example:8080" }),
            (filter { $0.host = "b.example" }, { _ in false }),
            (filter { $0.reason = "timeout" }, { $0.reason.hasPrefix("TIMEOUT") }),
            (filter { $0.reason = "100% answer_" }, { $0.reason.hasPrefix("TIMEOUT") }),
            (filter { $0.reason = "%" }, { $0.reason.contains("%") }),
            (filter { ($0.from, $0.to) = (from, to) }, { $0.place.diedAt >= from && $0.place.diedAt < to }),
            (
                filter { ($0.queue, $0.host, $0.reason, $0.to) = ("default", "c.example", "status 500", to) },
                {
                    $0.queue == "default" && $0.host == "c.example" && $0.reason.hasPrefix("status 500")
                        && $0.place.diedAt < to
                }
            ),
        ]
    }

    @Test(arguments: [(7, 20, Duration.zero), (1, 5, .zero), (50, 13, .seconds(60)), (1000, 2000, .seconds(60))])
    func everyFilterGivesWhatItNames(limit: Int, piece: Int, budget: Duration) async throws {
        try await StoreFixture.with { bench in
            let letters = try await Self.fill(bench)
            for (filter, isMeant) in Self.filters() {
                let expected = Array(letters.filter(isMeant).reversed())
                var found: [DeadLetterSummary] = []
                var cursor: DeadLetterCursor?
                repeat {
                    let page = try await bench.store.deadLetters(
                        filter, before: cursor, limit: limit, budget: budget, piece: piece)
                    #expect(page.letters.count <= limit)
                    if page.searchedTo != nil { #expect(budget == .zero && page.next != nil) }
                    if let next = page.next, let cursor { #expect(next < cursor) }
                    found += page.letters
                    cursor = page.next
                } while cursor != nil
                #expect(found.map(\.id) == expected.map(\.id), "\(filter)")
                #expect(found.map(\.reason) == expected.map(\.reason))
                #expect(found.map(\.queue) == expected.map(\.queue))
                #expect(found.allSatisfy { $0.attempts == 4 && $0.method == "POST" })
                let count = try await bench.store.countDeadLetters(filter, budget: .seconds(60), piece: piece)
                #expect(count == Estimate(expected.count))
            }
        }
    }

    @Test func whatCannotBeCountedInTimeIsEstimated() async throws {
        try await StoreFixture.with { bench in
            _ = try await Self.fill(bench)
            try bench.database.connect().run(text: "ANALYZE TABLE dead_letters")
            for (host, least, most) in [(nil, 100, 400), ("a.example", 30, 150)] as [(String?, Int, Int)] {
                var filter = DeadLetterFilter()
                filter.host = host
                let count = try await bench.store.countDeadLetters(filter, budget: .zero, piece: 30)
                #expect(!count.isExact)
                #expect((least...most).contains(count.count), "\(count)")
            }
        }
    }

    /// A deep page reads as little as the first: the server counts the rows that it steps over.
    @Test func aDeepPageReadsNoMoreThanTheFirst() async throws {
        try await StoreFixture.with { bench in
            let letters = try await Self.fill(bench)
            let connection = try bench.database.connect()
            func read(_ cursor: DeadLetterCursor?, _ queue: String?) throws -> Int {
                try connection.run("FLUSH STATUS")
                var filter = DeadLetterFilter()
                filter.queue = queue
                var scan = try DeadLetterScan(filter, .newestFirst, behind: cursor, connection, bench.store.tables)
                _ = try scan.next(10, connection)
                let query: Query = "SHOW SESSION STATUS LIKE 'Handler_read%'"
                return try connection.run(query).rows.reduce(0) { $0 + (Int(try $1.text(1)) ?? 0) }
            }
            for queue in [nil, "default"] {
                let first = try read(nil, queue)
                // Seven died at the same time.
                #expect(try read(letters[20].place, queue) <= first + 10)
            }
        }
    }
}
