import Logging
import Scheduler
import ServiceLifecycle
import UnixSignals
import Web

/// The services of one process, from start to graceful end.
enum ServingGroup {
    /// Beyond the drain, for what comes after it: outcomes to write, the lease to end.
    static let graceAfterDrain: Duration = .seconds(10)

    /// The last stops first: no request is accepted any more when the scheduler begins to drain.
    static func services(
        _ scheduler: SchedulerService, _ live: LiveConfiguration, logger: Logger, guests: [GuestRoute] = [],
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> [any Service] {
        let configuration = live.current
        let end = EndNotice(scheduler: scheduler)
        guard configuration.roles.contains(.api) else { return [scheduler, end] }
        let server = WebServer(
            scheduler: scheduler, configuration: configuration, logger: logger, guests: guests,
            onListening: onListening)
        return [scheduler, server, end]
    }

    /// Stops first, and tells the scheduler so.
    private struct EndNotice: Service {
        let scheduler: SchedulerService

        func run() async throws {
            try? await gracefulShutdown()
            scheduler.expectEnd()
        }
    }

    /// Runs until a signal comes or a service ends with an error.
    static func run(_ services: [any Service], _ live: LiveConfiguration, signals: [UnixSignal] = [], _ logger: Logger)
        async throws
    {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        var group = ServiceGroupConfiguration(
            services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: signals, logger: quiet)
        group.maximumGracefulShutdownDuration = live.shutdown.drain + graceAfterDrain
        try await ServiceGroup(configuration: group).run()
    }
}
