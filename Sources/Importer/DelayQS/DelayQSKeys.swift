#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The keys of Redis in which delayQS keeps jobs, beside the sorted set: by default those of its own configuration.
package struct DelayQSKeys: Sendable, Equatable {
    /// A list of the ids of jobs that are to be tried again.
    package var retries = "DelayQs:retry_id"
    /// A hash of jobs by their ids.
    package var bodies = "DelayQs:body"
    /// A list of jobs that failed for good.
    package var failed = "DelayQs:fail_job"

    package init() {}

    /// - Parameter file: delayQS's configuration file, which was read and checked before.
    package init(file: [UInt8]) throws {
        let keys = try JSONDecoder().decode(File.self, from: Data(file))
        if let key = keys.retryIdKey { retries = key }
        if let key = keys.bodyKey { bodies = key }
        if let key = keys.failKey { failed = key }
    }

    private struct File: Decodable {
        var retryIdKey: String?
        var bodyKey: String?
        var failKey: String?
    }
}
