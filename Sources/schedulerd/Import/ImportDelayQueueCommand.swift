import Accounts
import ArgumentParser
import FoundationEssentials
import Importer
import MySQL
import Scheduler
import ThreadPool

struct ImportDelayQueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delay-queue", abstract: "Copy users, history and waiting tasks from delay_queue's database.",
        discussion: """
            The old database is only read. Passwords of users go on to be valid. A password that --from does not hold is
            taken from DELAY_QUEUE_PASSWORD, or asked for on the terminal.

            Examples:
              schedulerd import delay-queue --from mysql://root@127.0.0.1/gin --dry-run --config schedulerd.yaml
              schedulerd import delay-queue --from 'root@tcp(10.0.0.5:3306)/gin' --prefix hs_ --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile
    @Option(
        help: ArgumentHelp(
            "The old database: mysql://user@host:port/database, or as Go writes it.", valueName: "dsn"))
    var from: String
    @Option(help: "What the names of its tables begin with.") var prefix = "hs_"
    @Flag(help: "Look and count, change nothing.") var dryRun = false

    func validate() throws {
        guard prefix.utf8.count <= 32,
            prefix.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || Character(Unicode.Scalar($0)).isASCIIWord })
        else { throw ArgumentParser.ValidationError("--prefix must be up to 32 of the characters A-Z a-z 0-9 _") }
    }

    func run() async throws {
        let configuration = try file.load().configuration
        let source = try source()
        let database = configuration.masterDB
        let store = MySQLStore(
            database.options, prefix: database.prefix, connections: MySQLStore.engineConnections + 2, lifetime: .zero,
            lease: configuration.cluster.lease)
        let pool = ConnectionPool(database.options, .init(connections: 1, waitTimeout: .seconds(30)))
        defer {
            pool.close()
            store.close()
        }
        let job = DelayQueueImport(
            from: source, prefix: prefix, to: store, users: UserStore(pool, prefix: database.prefix), configuration,
            isDryRun: dryRun)
        do {
            let progress = ProgressLine()
            let report = try await job.run { progress.show($0) }
            for line in report.lines(isDryRun: dryRun) { print(line) }
        } catch let error as MySQLError where error.code == .noSuchTable {
            throw CommandFailure([
                "schedulerd: \(error.message): is --prefix right, and was schedulerd migrate up run?"
            ]).report()
        } catch {
            throw CommandFailure(error).report()
        }
    }

    private func source() throws -> ConnectionOptions {
        do {
            let name = try DataSourceName(from)
            var options = name.options
            options.password =
                try name.password ?? ProcessInfo.processInfo.environment["DELAY_QUEUE_PASSWORD"]
                ?? Secret.ask("Password of \(options.display): ")
            return options
        } catch let error as DataSourceName.Malformed {
            throw CommandFailure(["schedulerd: --from: \(error)"]).report()
        } catch {
            throw CommandFailure(["schedulerd: \(error): set DELAY_QUEUE_PASSWORD"]).report()
        }
    }
}

extension Character {
    fileprivate var isASCIIWord: Bool { isASCII && (isLetter || isNumber) }
}
