import Accounts
import Logging
import Scheduler
import ServiceLifecycle
import UnixSignals
import Web

/// The services of one process, from start to graceful end.
struct ServingGroup {
    let scheduler: SchedulerService
    let live: LiveConfiguration
    let logger: Logger
    /// Beside the API.
    var guests: [GuestRoute] = []
    /// nil: no administration pages.
    var admin: AdminDesk?
    /// Kept for who scrapes them; nil: nobody does.
    var registry: PrometheusRegistry?
    var onListening: @Sendable (Int) -> Void = { _ in }

    /// Beyond the drain, for what comes after it: outcomes to write, the lease to end.
    private static let graceAfterDrain: Duration = .seconds(10)

    /// Runs until a signal comes or a service ends with an error.
    /// - Parameter others: services that are there before the scheduler and after it.
    func run(beside others: [any Service], signals: [UnixSignal] = []) async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let hasBegunToEnd = Signal()
        // The last stops first: no request is accepted any more when the scheduler begins to drain.
        var services: [any Service] = [EndLimit(live: live, hasBegun: hasBegunToEnd)] + others
        if let registry, let listener = live.metrics.enabledListener {
            services.append(
                MetricsServer(listener, live: live, registry: registry, logger: logger) {
                    await scheduler.refreshMetrics()
                })
        }
        services.append(scheduler)
        if let admin { services.append(admin) }
        if live.roles.contains(.api) || admin != nil {
            let keys = KeyDesk(live, logger: logger)
            services.append(keys)
            services.append(
                WebServer(
                    scheduler: scheduler, gate: keys.gate, live: live, logger: logger, guests: guests,
                    admin: admin.map { AdminResponder($0.services(scheduler, keys)) },
                    audit: AuditLog(scheduler.requestPool, prefix: live.masterDB.prefix), onListening: onListening))
        }
        services.append(EndNotice(scheduler: scheduler, hasBegun: hasBegunToEnd))
        let group = ServiceGroupConfiguration(
            services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: signals, logger: quiet)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch is Overdue {
            logger.warning("not all had ended long after shutdown.drain_s; the rest is broken off")
        }
    }

    /// Stops first, and says so to those who will be stopped late.
    private struct EndNotice: Service {
        let scheduler: SchedulerService
        let hasBegun: Signal

        func run() async throws {
            try? await gracefulShutdown()  // cancelled: the end as well
            scheduler.expectEnd()
            hasBegun.notify()
        }
    }

    /// Ends what has not ended long after it was to, by the limit that is in force when the end begins.
    private struct EndLimit: Service {
        let live: LiveConfiguration
        let hasBegun: Signal

        func run() async throws {
            do {
                try await cancelWhenGracefulShutdown {
                    guard await hasBegun.wait() else { return }
                    try await Task.sleep(for: live.shutdown.drain + graceAfterDrain)
                    throw Overdue()
                }
            } catch is CancellationError {
                // All have ended.
            }
        }
    }

    private struct Overdue: Error {}
}
