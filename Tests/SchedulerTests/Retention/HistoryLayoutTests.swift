import MySQL
import Scheduler
import Testing

@Suite struct HistoryLayoutTests {
    private static func id(_ number: UInt64) -> TaskID { TaskID(high: number, low: 0) }

    /// `a1 b2 later`: partitions with their bounds.
    private static func partitions(_ text: String) -> [HistoryLayout.Partition] {
        text.split(separator: " ").map { word in
            word == "later"
                ? HistoryLayout.Partition(name: "later", to: nil)
                : HistoryLayout.Partition(name: "\(word)", to: id(UInt64(word.dropFirst())!))
        }
    }

    /// Days with where they begin, and of each table the letter t or a when it has the day as a partition.
    static let cases: [(tasks: String, attempts: String, days: [String])] = [
        ("later", "later", ["later 0 -"]),
        ("p1 p2 later", "p1 p2 later", ["p1 0 ta", "p2 1 ta", "later 2 -"]),
        // A change that was done in one table only.
        ("p1 p2 later", "p2 later", ["p1 0 t", "p2 1 t", "later 2 -"]),
        ("p2 later", "p1 p2 later", ["p1 0 a", "p2 1 a", "later 2 -"]),
        ("p1 p2 p3 later", "p1 later", ["p1 0 ta", "p2 1 t", "p3 2 t", "later 3 -"]),
        // A month without partitions: the first after it holds what came between.
        ("p1 p31 p32 later", "p1 p31 p32 later", ["p1 0 ta", "p31 1 ta", "p32 31 ta", "later 32 -"]),
    ]

    @Test(arguments: cases) func daysAreThoseOfBothTables(expected: (tasks: String, attempts: String, days: [String])) {
        let layout = HistoryLayout(
            tasks: Self.partitions(expected.tasks), attempts: Self.partitions(expected.attempts))
        let days = layout.days.map { day in
            let whole =
                (HistoryLayout.partition(of: day, among: layout.tasks) == nil ? "" : "t")
                + (HistoryLayout.partition(of: day, among: layout.attempts) == nil ? "" : "a")
            return "\(day.name) \(day.from.high) \(whole.isEmpty ? "-" : whole)"
        }
        #expect(days == expected.days)
    }
}
