import Foundation
import Migrations
import MySQL
import TestSupport
import Testing

/// `docs/reporting.md` says what the views are, and what its questions' SQL really gives.
///
/// After a view or a question was changed, write the file anew on MariaDB with
/// `SCHEDULERD_TEST_WRITE_REFERENCE=1 swift test --filter ReportReferenceTests`, read the difference and commit it.
@Suite(.serialized) struct ReportReferenceTests {
    private static let file = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/reporting.md")

    @Test(.enabled(if: ServerKind.current == .mariadb, "the file has MariaDB's types"))
    func fileEqualsWhatResults() async throws {
        try await ReportFixture.with { fixture in
            let written = try String(contentsOf: Self.file, encoding: .utf8)
            let generated = try Self.answered(Self.described(written, fixture), fixture)
            if ProcessInfo.processInfo.environment["SCHEDULERD_TEST_WRITE_REFERENCE"] == "1" {
                try Data(generated.utf8).write(to: Self.file)
            }
            let now = try String(contentsOf: Self.file, encoding: .utf8)
            #expect(now == generated, "docs/reporting.md is behind; see this suite's comment")
            #expect(now.matches(of: Self.question).count >= 12)
        }
    }

    @Test func columnsAreThoseThatAreDescribed() async throws {
        try await TestDatabase.migrated { database in
            #expect(try MigrationTests.views(database) == Set(ReportView.all.map(\.name)))
            for view in ReportView.all {
                let columns = try Self.columns(view, database).map(\.name)
                #expect(columns == view.columns.map(\.name), "\(view.name)")
                #expect(!view.comment.isEmpty, "\(view.name)")
            }
        }
    }

    // MARK: Dictionary

    private static func columns(_ view: ReportView, _ database: TestDatabase) throws -> [(name: String, type: String)] {
        try database.connect().run(
            """
            SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = \(view.name) ORDER BY ORDINAL_POSITION
            """
        ).rows.map { (try $0.text(0), try $0.text(1)) }
    }

    /// In words that hold on every server: which of its types an expression has differs.
    private static func kind(_ type: String) -> String {
        switch type {
        case "date", "datetime", "timestamp": "time"
        case "binary", "varbinary", "blob": "bytes"
        case "char", "varchar", "text", "tinytext", "mediumtext", "longtext": "text"
        default: "number"
        }
    }

    private static func described(_ text: String, _ fixture: ReportFixture) throws -> String {
        var lines: [String] = []
        for view in ReportView.all {
            lines += ["", "### \(view.name)", view.comment, "", "| column | type | meaning |", "|---|---|---|"]
            for (column, real) in zip(view.columns, try columns(view, fixture.database)) {
                lines.append("| `\(column.name)` | \(kind(real.type)) | \(column.comment) |")
            }
        }
        let dictionary = /<!-- dictionary -->\n[\s\S]*<!-- end of the dictionary -->/
        return text.replacing(
            dictionary, with: "<!-- dictionary -->" + lines.joined(separator: "\n") + "\n<!-- end of the dictionary -->"
        )
    }

    // MARK: Questions

    private static var question: Regex<(Substring, Substring)> { /```sql\n([\s\S]*?)```\n\n```\n[\s\S]*?```/ }

    private static func answered(_ text: String, _ fixture: ReportFixture) throws -> String {
        try text.replacing(question) { match in
            let answer = try fixture.table(String(match.1))
            return "```sql\n\(match.1)```\n\n```\n\(lines(answer.columns, answer.rows).joined())```"
        }
    }

    /// Columns of text to the left, columns of numbers to the right.
    private static func lines(_ columns: [String], _ rows: [[String]]) -> [String] {
        let widths = columns.indices.map { column in ([columns] + rows).map { $0[column].count }.max()! }
        let isNumber = columns.indices.map { column in
            rows.allSatisfy { $0[column] == "NULL" || Double($0[column]) != nil }
        }
        let line = { (cells: [String]) in
            let padded = cells.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return isNumber[column] ? space + cell : cell + space
            }.joined(separator: "  ")
            return padded.reversed().drop { $0 == " " }.reversed().map(String.init).joined() + "\n"
        }
        return [line(columns), widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ") + "\n"]
            + rows.map(line)
    }
}
