import FoundationEssentials
import MySQL
import TestSupport
import Testing

@testable import Scheduler
@testable import schedulerd

@Suite struct ExportTests {
    private static func exported(
        _ rows: ExportedRows, _ format: ExportFormat, page: Int, _ fixture: ReportFixture,
        from: String = "2026-11-19T12:00:00Z", to: String = "2026-11-20T11:30:00Z"
    ) throws -> (text: String, count: Int) {
        let export = Export(
            rows: rows, from: .lowerBound(try #require(Timestamp(rfc3339: from))),
            to: .lowerBound(try #require(Timestamp(rfc3339: to))), format: format, tables: Tables(prefix: ""),
            page: page)
        var bytes: [UInt8] = []
        let count = try export.run(on: fixture.connect()) { piece, _, _ in bytes += piece }
        return (String(decoding: bytes, as: UTF8.self), count)
    }

    /// Wherever a page ends, between two tasks or two attempts of one, nothing is lost and nothing twice.
    @Test(arguments: ExportedRows.allCases)
    func everyRowIsThereOnce(rows: ExportedRows) async throws {
        try await ReportFixture.with { fixture in
            let whole = try Self.exported(rows, .csv, page: 10_000, fixture)
            for page in [1, 7, 100] {
                let pieces = try Self.exported(rows, .csv, page: page, fixture)
                #expect(pieces.text == whole.text)
                #expect(pieces.count == whole.count)
            }
            let counted = try fixture.table(
                """
                SELECT COUNT(*) FROM \(rows.view) v JOIN tasks t ON t.id = v.id
                WHERE t.created_at >= '2026-11-19 12:00:00' AND t.created_at < '2026-11-20 11:30:00'
                """
            ).rows[0][0]
            #expect("\(whole.count)" == counted)
            #expect(whole.text.components(separatedBy: "\r\n").count == whole.count + 2)
        }
    }

    @Test func linesOfJSONSayWhatTheViewsSay() async throws {
        try await ReportFixture.with { fixture in
            let lines = try Self.exported(.attempts, .jsonl, page: 50, fixture).text.split(separator: "\n")
            let tasks = try Self.exported(.tasks, .jsonl, page: 50, fixture).text.split(separator: "\n")
            for (line, row) in zip(
                lines,
                try fixture.table(
                    """
                    SELECT task_id, attempt, host, duration_ms + 0e0, status FROM report_attempts
                    WHERE id >= UNHEX(RPAD(LPAD(HEX(1000 * UNIX_TIMESTAMP(NOW() - INTERVAL 1 DAY)), 12, '0'), 32, '0'))
                    ORDER BY id, attempt
                    """
                ).rows)
            {
                let json = try JSONParser.parse(Array(line.utf8))
                #expect(json["task_id"]?.text == row[0])
                #expect(json["attempt"]?.integer.map(String.init) == row[1])
                #expect(json["host"]?.text == row[2])
                guard case .number(let duration)? = json["duration_ms"] else {
                    Issue.record("\(line)")
                    return
                }
                #expect(Double(duration) == Double(row[3]))
                #expect((json["status"]?.integer.map(String.init) ?? "NULL") == row[4])
            }
            let first = try JSONParser.parse(Array(try #require(tasks.first).utf8))
            #expect(first["labels"]?["order"]?.text != nil)
            #expect(first["created_at"]?.text?.hasSuffix("Z") == true)
        }
    }

    @Test(arguments: [
        (SQLValue.text("plain"), "plain"), (.text("a,b"), "\"a,b\""), (.text("say \"x\""), "\"say \"\"x\"\"\""),
        (.text("two\r\nlines"), "\"two\r\nlines\""), (.text(""), "\"\""), (.null, ""), (.integer(-3), "-3"),
        (.double(1.5), "1.5"), (.double(15000), "15000"), (.text("支付"), "支付"),
    ])
    func fieldsAreQuoted(value: SQLValue, field: String) {
        var bytes: [UInt8] = []
        ExportFormat.csv.write([value, .integer(1)], ["a", "b"], to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "\(field),1\r\n")
    }

    @Test func fromTheCommandLine() async throws {
        try await ReportFixture.with { fixture in
            try await Program.with { program in
                try program.write(fixture.database.yaml, to: "schedulerd.yaml")
                let config = program.path("schedulerd.yaml")
                let printed = try await program.run(
                    "export", "tasks", "--from", "2026-11-20T00:00:00Z", "--to", "2026-11-20T11:30:00Z", "--config",
                    config)
                #expect(printed.status == 0, "\(printed.errors)")
                #expect(printed.errors.isEmpty)
                #expect(printed.output.hasPrefix("task_id,queue,state,"))
                let written = try await program.run(
                    "export", "tasks", "--from", "2026-11-20T00:00:00Z", "--to", "2026-11-20T11:30:00Z", "--config",
                    config,
                    "--output", program.path("tasks.csv"))
                #expect(written.status == 0, "\(written.errors)")
                #expect(program.text("tasks.csv") == printed.output)
                let again = try await program.run(
                    "export", "tasks", "--from", "2026-11-20T00:00:00Z", "--config", config, "--output",
                    program.path("tasks.csv"))
                #expect(again.status == 1)
                #expect(again.errors.contains("cannot create"))
                for (fallback, status) in [("on", Int32(0)), ("off", 1)] {
                    let away = try program.write(
                        fixture.database.yaml + "slave_db: {socket: /nowhere/db.sock, fallback: \"\(fallback)\"}\n",
                        to: "away-\(fallback).yaml")
                    let ended = try await program.run(
                        "export", "tasks", "--from", "2026-11-20T00:00:00Z", "--config", away)
                    #expect(ended.status == status, "\(ended.errors)")
                    #expect(ended.errors.contains("/nowhere/db.sock"))
                    #expect(ended.output.hasPrefix("task_id,") == (fallback == "on"))
                }
                let wrong = try await program.run("export", "tasks", "--from", "yesterday", "--config", config)
                #expect(wrong.status != 0)
                #expect(wrong.errors.contains("it must be a time like"))
            }
        }
    }
}
