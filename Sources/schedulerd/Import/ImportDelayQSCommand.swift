import ArgumentParser
import FoundationEssentials
import Importer
import Logging
import Scheduler

struct ImportDelayQSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delayqs", abstract: "Move delayQS's jobs from Redis: waiting, to be retried, and failed ones.",
        discussion: """
            To be done before a schedulerd takes from the sorted set. It may be killed and run again: every job becomes one
            task. The keys are those of delayQS's own configuration file, unless --delayqs-config names another.

            Examples:
              schedulerd import delayqs --redis redis://127.0.0.1:6379/ --dry-run --config schedulerd.yaml
              schedulerd import delayqs --delayqs-config conf/config.json --config schedulerd.yaml
            """)

    @Option(help: "The configuration file (YAML). SCHEDULERD_… variables override what it says.")
    var config: String
    @Option(help: ArgumentHelp("Where the jobs are: redis://:password@host:port/0.", valueName: "url"))
    var redis: String?
    @Option(help: ArgumentHelp("delayQS's configuration file, which says where they are.", valueName: "file"))
    var delayqsConfig: String?
    @Flag(help: "Look and count, change nothing.") var dryRun = false

    func validate() throws {
        if (redis == nil) == (delayqsConfig == nil) {
            throw ArgumentParser.ValidationError("one of --redis and --delayqs-config is needed")
        }
    }

    func run() async throws {
        let (configuration, keys) = try load()
        guard let source = configuration.intake.sources.last else { preconditionFailure("the file names one") }
        let database = configuration.masterDB
        let store = MySQLStore(
            database.options, prefix: database.prefix, connections: MySQLStore.engineConnections + 2, lifetime: .zero,
            lease: configuration.cluster.lease)
        defer { store.close() }
        var logger = Logger(label: "schedulerd") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .error
        let job = DelayQSImport(from: source, keys, to: store, configuration, isDryRun: dryRun, logger: logger)
        do {
            let progress = ProgressLine()
            for line in try await job.run(progress: { progress.show($0) }).lines(isDryRun: dryRun) { print(line) }
        } catch {
            throw CommandFailure(error).report()
        }
    }

    /// The configuration, with the sorted set as its last source.
    private func load() throws -> (Configuration, DelayQSKeys) {
        let name = delayqsConfig ?? "--redis"
        let input = ConfigurationInput(
            file: config, delayQSFile: name, environment: ProcessInfo.processInfo.environment)
        var content = input.read()
        if let redis {
            let file = ["redis": redis, "key": "DelayQs:job_zqueue", "failKey": DelayQSKeys().failed]
            content.delayQSFile = .bytes(Array(try JSONEncoder().encode(file)))
        }
        do throws(ConfigurationError) {
            let configuration = try input.check(content).configuration
            guard case .bytes(let file) = content.delayQSFile else { preconditionFailure("it was read and checked") }
            // Its types were checked.
            return (configuration, (try? DelayQSKeys(file: file)) ?? DelayQSKeys())
        } catch {
            throw CommandFailure(error.problems.map(\.description), status: CommandFailure.configuration).report()
        }
    }
}
