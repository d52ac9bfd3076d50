package import Transfer

extension Configuration {
    /// The HTTP calls.
    package struct Dispatch: Sendable, Equatable {
        package var maxInFlight: Int
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
}
