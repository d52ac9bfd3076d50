import ArgumentParser
import Glibc
import MySQL
import Scheduler

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write tasks or attempts of a time to a file, as CSV or JSON Lines.",
        discussion: """
            The columns are those of report_tasks and report_attempts (docs/reporting.md) without `id`; headers, bodies and
            answers are not among them. The time is that of the task's creation. Read from slave_db when there is one; when
            that is away or further behind than slave_db.max_lag_s, as slave_db.fallback says. It is said which.

            Examples:
              schedulerd export tasks --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --output november.csv \\
                --config schedulerd.yaml
              schedulerd export attempts --from 2026-11-20T00:00:00Z --format jsonl --config schedulerd.yaml | gzip > a.gz
            """)

    @OptionGroup var file: ConfigurationFile
    @Argument(help: "tasks or attempts.") var rows: ExportedRows
    @Option(help: "Tasks created at or after: RFC 3339 (2026-11-20T10:00:00Z).") var from: String
    @Option(help: "And before. Default: now.") var to: String?
    @Option(help: "csv (RFC 4180) or jsonl (JSON Lines).") var format: ExportFormat = .csv
    @Option(help: "The file, which must not exist yet. Default: standard output.") var output: String?

    func validate() throws { _ = try times() }

    func run() throws {
        let configuration = try file.load().configuration
        let (from, to) = try times()
        do {
            let progress = ExportProgress(from: from, to: to)
            let (connection, prefix) = try Self.connect(configuration)
            let sink = try ExportSink(path: output)
            let export = Export(
                rows: rows, from: .lowerBound(from), to: .lowerBound(to), format: format,
                tables: Tables(prefix: prefix))
            let count = try export.run(on: connection) { bytes, reached, count in
                try sink.write(bytes)
                progress.show(reached, count)
            }
            try sink.close()
            progress.end(count)
        } catch {
            throw CommandFailure(error).report()
        }
    }

    private static func connect(_ configuration: Configuration) throws -> (Connection, prefix: String) {
        let primary = configuration.masterDB
        guard let database = configuration.slaveDB else { return (try Connection(primary.options), primary.prefix) }
        var replica: Connection?
        var (state, now): (ReplicaState?, Timestamp) = (nil, .now)
        do {
            let connection = try Connection(database.options)
            state = try MySQLStore.newestHeartbeat(connection, Tables(prefix: database.prefix)).map { .seen(upTo: $0) }
            now = try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
            replica = connection
        } catch let error as MySQLError {
            state = .away(error.message)
        }
        let place = try ExportPlace(state, now: now, rules: configuration.replicaRules)
        if let notice = place.notice { StandardError.write("schedulerd: \(notice)\n") }
        if place.source == .replica, let replica { return (replica, database.prefix) }
        return (try Connection(primary.options), primary.prefix)
    }

    private func times() throws -> (from: Timestamp, to: Timestamp) {
        let times = try [("--from", from), ("--to", to ?? Timestamp.now.rfc3339)].map { option, text in
            guard let time = Timestamp(rfc3339: text) else {
                throw ValidationError("\(option) is \"\(text)\"; it must be a time like 2026-11-20T10:00:00Z")
            }
            return time
        }
        guard times[0] < times[1] else { throw ValidationError("--from must be before --to") }
        return (times[0], times[1])
    }
}

extension ExportedRows: ExpressibleByArgument {}
extension ExportFormat: ExpressibleByArgument {}
