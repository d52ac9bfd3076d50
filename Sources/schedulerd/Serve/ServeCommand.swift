import ArgumentParser
import CoreMetrics
import Logging
import MySQL
import Scheduler
import ServiceLifecycle
import UnixSignals
import Web

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the scheduler until SIGTERM or SIGINT.",
        discussion: """
            The database must be migrated first (schedulerd migrate up). On SIGTERM it stops claiming, lets running calls
            finish within shutdown.drain_s, gives the rest back and exits with status 0. A configuration with problems
            is refused with status 78 and all of them on standard error.

            When its files change, and on SIGHUP, the configuration is read again: what can change live is applied, what
            needs a restart is named, and a file with problems changes nothing. SIGHUP also opens log.file anew.

            Examples:
              schedulerd serve --config /etc/schedulerd/schedulerd.yaml
              schedulerd serve --config schedulerd.yaml --roles api
              schedulerd serve --config schedulerd.yaml --delayqs-config conf/config.json
            """)

    @OptionGroup var options: ServeOptions
    @Flag(help: ArgumentHelp("Started by schedulerd start.", visibility: .private)) var detached = false

    func run() async throws {
        // First of all: until then SIGHUP ends the process.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let startedAt = Timestamp.now
        let input = options.input
        let (content, loaded) = try input.loadOrExit()
        let pidFile = loaded.configuration.pidFile.map(PidFile.init)
        do {
            try pidFile?.hold()
        } catch {
            throw CommandFailure(error).report()
        }
        defer { pidFile?.remove() }
        do {
            try LineLog.bootstrap(loaded.configuration.log)
        } catch {
            throw CommandFailure(error).report()
        }
        let logger = Logger(label: "schedulerd")
        for warning in loaded.warnings { logger.warning("\(warning)") }

        let live = LiveConfiguration(loaded.configuration)
        let registry = live.metrics.enabledListener.map { _ in PrometheusRegistry() }
        let scheduler = SchedulerService(
            live: live, logger: logger, metricsFactory: registry ?? NOOPMetricsHandler.instance)
        let admin = live.roles.contains(.admin) ? AdminDesk(live, logger: logger) : nil
        let presence = Presence(
            pidFile: pidFile, startedAt: startedAt, roles: loaded.configuration.roles, isDetached: detached,
            scheduler: scheduler, admin: admin)
        let reload = ReloadService(
            input: input, content: content, loaded: loaded, live: live, hangups: hangups, logger: logger)
        let group = ServingGroup(
            scheduler: scheduler, live: live, logger: logger, admin: admin, registry: registry,
            onListening: { _ in presence.listens() })
        do {
            try await group.run(beside: [presence, reload], signals: [.sigterm, .sigint])
        } catch {
            logger.critical("\(error)")
            if LogOutput.shared.hasFile { StandardError.write("schedulerd: \(error)\n") }
            throw ExitCode.failure
        }
    }
}
