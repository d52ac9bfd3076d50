package import Digests
package import Transfer

extension Configuration {
    /// The HTTP calls.
    package struct Dispatch: Sendable, Equatable {
        package var maxInFlight: Int
        /// How much of `maxInFlight` one destination may have with calls that take long.
        package var destinationSharePercent: Int
        /// For tasks that do not say.
        package var timeout: Duration
        /// How much of an answer is read to judge it.
        package var responseLimitBytes: Int
        /// How much of an answer the attempt log keeps; at most `responseLimitBytes`.
        package var responseLogBytes: Int
        package var userAgent: String
        /// PEM file; `nil`: the system's authorities.
        package var tlsCA: String?
        package var addressPolicy: AddressPolicy

        /// Of `maxInFlight`, what overdue tasks may take: an eighth is kept for tasks that are on time.
        package var backlogInFlight: Int { max(1, maxInFlight * 7 / 8) }

        init(_ values: ConfigurationValues) {
            maxInFlight = values.integer("dispatch.max_in_flight")
            destinationSharePercent = values.integer("dispatch.destination_share_percent")
            timeout = values.duration("dispatch.timeout_ms")
            responseLimitBytes = values.integer("dispatch.response_limit_bytes")
            responseLogBytes = values.integer("dispatch.response_log_bytes")
            userAgent = values.text("dispatch.user_agent")
            tlsCA = values.textIfSet("dispatch.tls_ca")
            addressPolicy = AddressPolicy(
                preset: values.choice("dispatch.address_policy.preset"),
                allow: values.addressRanges("dispatch.address_policy.allow"),
                deny: values.addressRanges("dispatch.address_policy.deny"))
        }
    }

    /// When a destination that fails is left alone, and how it is taken up again.
    package struct Breaker: Sendable, Equatable {
        package var settings = CircuitBreaker.Settings()
        /// At which its tasks come back.
        package var returnsPerSecond: Int
        /// Failing for so long pauses it; 0: nothing does but a person.
        package var pauseAfterDays: Int

        init(_ values: ConfigurationValues) {
            settings.failures = values.integer("breaker.failures")
            settings.failurePercent = values.integer("breaker.failure_percent")
            settings.minimumCalls = values.integer("breaker.min_calls")
            settings.window = values.duration("breaker.window_s")
            settings.interval = values.duration("breaker.open_s")
            settings.longestInterval = values.duration("breaker.open_max_s")
            settings.probes = values.integer("breaker.probes")
            returnsPerSecond = values.integer("breaker.returns_per_second")
            pauseAfterDays = values.integer("breaker.pause_after_days")
        }
    }

    /// The secrets of destinations that are kept in the database.
    package struct Signing: Sendable, Equatable {
        /// nil: there are none.
        package var seal: Seal?

        init(_ values: ConfigurationValues) {
            seal = values.textIfSet("signing.database_key").flatMap(Base64.decode).flatMap(Seal.init(key:))
        }
    }
}
