import Logging
import Scheduler
import ServiceLifecycle
import UnixSignals
import Web

/// The services of one process, from start to graceful end.
enum ServingGroup {
    /// Beyond the drain, for what comes after it: outcomes to write, the lease to end.
    private static let graceAfterDrain: Duration = .seconds(10)

    /// Runs until a signal comes or a service ends with an error.
    static func run(_ configuration: Configuration, logger: Logger) async throws {
        try await run(services(configuration, logger: logger), configuration, signals: [.sigterm, .sigint], logger)
    }

    /// The last stops first: no request is accepted any more when the scheduler begins to drain.
    static func services(
        _ configuration: Configuration, logger: Logger, guests: (SchedulerService) -> [GuestRoute] = { _ in [] },
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> [any Service] {
        let scheduler = SchedulerService(configuration: configuration, logger: logger)
        guard configuration.roles.contains(.api) else { return [scheduler] }
        let server = WebServer(
            scheduler: scheduler, configuration: configuration, logger: logger, guests: guests(scheduler),
            onListening: onListening)
        return [scheduler, server, EndNotice(scheduler: scheduler)]
    }

    /// Stops first, and tells the scheduler so.
    private struct EndNotice: Service {
        let scheduler: SchedulerService

        func run() async throws {
            try? await gracefulShutdown()
            scheduler.expectEnd()
        }
    }

    static func run(
        _ services: [any Service], _ configuration: Configuration, signals: [UnixSignal] = [], _ logger: Logger
    ) async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        var group = ServiceGroupConfiguration(
            services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: signals, logger: quiet)
        group.maximumGracefulShutdownDuration = configuration.shutdown.drain + graceAfterDrain
        try await ServiceGroup(configuration: group).run()
    }
}
