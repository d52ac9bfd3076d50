import Logging
package import MySQL
package import Scheduler
import ServiceLifecycle

/// A scheduler that runs in this process for the length of a test.
package struct RunningScheduler: Sendable {
    package let service: SchedulerService

    /// Runs `body` beside a scheduler on `database`, and drains it afterwards.
    package static func with<T: Sendable>(
        _ database: TestDatabase, _ change: (inout Configuration) -> Void = { _ in },
        isolation: isolated (any Actor)? = #isolation,
        _ body: (SchedulerService) async throws -> T
    ) async throws -> T {
        var configuration = Configuration()
        configuration.masterDB.use(database.options)
        configuration.instanceName = "test"
        // Not the machine's own Redis.
        configuration.roles = [.api, .worker]
        // No lease is lost because the machine that runs the tests is busy.
        configuration.cluster.lease = .seconds(120)
        configuration.intake.timeout = .seconds(60)
        // Receivers of tests fail on purpose, all under one address.
        configuration.breaker.settings.failures = 0
        change(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let service = SchedulerService(configuration: configuration, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [.init(service: service)], logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            let ended = Counter()
            tasks.addTask {
                defer { ended.add() }
                try await group.run()
            }
            do {
                try await eventually { service.unreadiness == nil || ended.value > 0 }
                // It ended before it was ready: with its own error.
                if ended.value > 0 { try await tasks.waitForAll() }
                let value = try await body(service)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                return value
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
        }
    }
}

/// What was waited for did not happen.
package struct NeverHappened: Error {
    package init() {}
}

/// Looks again and again until `condition` holds.
/// - Throws: `NeverHappened` after a time that only a failure takes.
package func eventually(
    within limit: Duration = .seconds(90), isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now.advanced(by: limit)
    while try await !condition() {
        guard ContinuousClock.now < end else { throw NeverHappened() }
        try await Task.sleep(for: .milliseconds(15))
    }
}

extension Configuration.Database {
    /// Points the configuration at a test's database.
    package mutating func use(_ options: ConnectionOptions) {
        socket = options.socket
        user = options.user
        password = options.password
        name = options.database ?? ""
        readTimeout = options.readTimeout
    }
}
