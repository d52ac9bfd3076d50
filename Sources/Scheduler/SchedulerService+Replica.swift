package import MySQL

extension SchedulerService {
    /// Where a page is to be read from: it waits for the replica for a second at most.
    /// - Parameter changedAt: when who looks last changed something, by the time that `changeMark` gave.
    package func readPlan(changedAt: Timestamp?) async -> ReadPlan {
        guard let replica = monitor.replica, let clock = runningEngine?.clock else { return .primary(.noReplica) }
        let state = await replica.state()
        return ReadPlan(state, now: clock.now(), changedAt: changedAt, rules: monitor.replicaRules)
    }

    /// Reads on the replica what `body` reads to show it.
    /// - Throws: when that is not possible, `ReplicaAway`; from then on the plans are others.
    package func onReplica<T>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
    ) async throws -> T {
        do {
            return try await ReadSource.$current.withValue(.replica) { try await body() }
        } catch let error as MySQLError {
            throw away(error.message)
        } catch SchedulerError.unavailable(let reason, _) {
            throw away(reason)
        }
    }

    private func away(_ reason: String) -> ReplicaAway {
        monitor.replica?.isAway(reason)
        return ReplicaAway(reason: reason)
    }

    /// A time after everything that has been committed by now, for `readPlan`. nil: all pages are read from the primary.
    package var changeMark: Timestamp? {
        guard monitor.replica != nil, let clock = runningEngine?.clock else { return nil }
        // Far more than the clock can be wrong by.
        return clock.now() + .seconds(1)
    }
}

/// What was to be read on the replica could not be.
package struct ReplicaAway: Error {
    package let reason: String
}

extension MySQLStore {
    convenience init(_ configuration: Configuration, metrics: EngineMetrics) {
        self.init(
            configuration.masterDB.options, prefix: configuration.masterDB.prefix,
            connections: configuration.masterDB.maxOpenConnections,
            lifetime: configuration.masterDB.maxConnectionLifetime ?? .zero,
            lease: configuration.cluster.lease, metrics: metrics,
            replica: configuration.slaveDB.map { database in
                Replica(
                    options: database.options, connections: database.maxOpenConnections,
                    lifetime: database.maxConnectionLifetime ?? .zero)
            })
    }
}
