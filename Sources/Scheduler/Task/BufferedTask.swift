package import MySQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A task that was accepted while the database was away, in the form in which it waits in the intake buffer.
/// Its id is kept beside it.
package struct BufferedTask: Sendable, Equatable {
    package var createdAt: Timestamp
    package var task: NewTask

    package init(createdAt: Timestamp, task: NewTask) {
        self.createdAt = createdAt
        self.task = task
    }
}

/// Flat, with times in microseconds and durations in milliseconds: a later version must be able to read it.
extension BufferedTask: Codable {
    private enum Key: String, CodingKey {
        case createdAt = "created_us"
        case queue
        case planTime = "plan_us"
        case method, url, headers, body
        case maxRedirects = "max_redirects"
        case successRule = "success_rule"
        case successCriteria = "success_criteria"
        case maxRetries = "max_retries"
        case retryDelays = "retry_delays"
        case timeout = "timeout_ms"
        case onLost = "on_lost"
        case labels
        case traceparent
        case expiresAt = "expires_us"
        case onSuccess = "on_success"
        case onFailure = "on_failure"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(createdAt.microseconds, forKey: .createdAt)
        try container.encode(task.queue, forKey: .queue)
        try container.encode(task.planTime.microseconds, forKey: .planTime)
        try container.encode(task.request.method, forKey: .method)
        try container.encode(task.request.url, forKey: .url)
        try container.encodeIfPresent(task.request.headerText, forKey: .headers)
        try container.encodeIfPresent(task.request.body.map { Data($0) }, forKey: .body)
        try container.encode(task.request.maxRedirects, forKey: .maxRedirects)
        try container.encode(task.successRule.storedName, forKey: .successRule)
        try container.encodeIfPresent(task.successRule.storedCriteria, forKey: .successCriteria)
        try container.encode(task.retrySchedule.maxRetries, forKey: .maxRetries)
        try container.encode(task.retrySchedule.delayText, forKey: .retryDelays)
        try container.encode(task.timeout.microseconds / 1000, forKey: .timeout)
        try container.encode(task.onLost.rawValue, forKey: .onLost)
        try container.encode(task.labels, forKey: .labels)
        try container.encodeIfPresent(task.trace?.text, forKey: .traceparent)
        try container.encodeIfPresent(task.expiresAt?.microseconds, forKey: .expiresAt)
        for (key, occasion) in Self.followUps {
            try container.encodeIfPresent(task.followUps[occasion]?.text, forKey: key)
        }
    }

    private static let followUps: [(Key, FollowUp.Occasion)] = [(.onSuccess, .onSuccess), (.onFailure, .onFailure)]

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func decode<T: Sendable>(_ key: Key, _ read: (String) -> T?) throws -> T {
            let text = try container.decode(String.self, forKey: key)
            guard let value = read(text) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "\"\(text)\"")
            }
            return value
        }
        let criteria = try container.decodeIfPresent(String.self, forKey: .successCriteria)
        createdAt = Timestamp(microseconds: try container.decode(Int64.self, forKey: .createdAt))
        task = NewTask(
            queue: try container.decode(String.self, forKey: .queue),
            planTime: Timestamp(microseconds: try container.decode(Int64.self, forKey: .planTime)),
            request: CallbackRequest(
                method: try container.decode(String.self, forKey: .method),
                url: try container.decode(String.self, forKey: .url),
                headers: CallbackRequest.headers(
                    fromText: try container.decodeIfPresent(String.self, forKey: .headers)),
                body: try container.decodeIfPresent(Data.self, forKey: .body).map { Array($0) },
                maxRedirects: try container.decode(Int.self, forKey: .maxRedirects)),
            successRule: try decode(.successRule) { SuccessRule(storedName: $0, criteria: criteria) },
            retrySchedule: RetrySchedule(
                maxRetries: try container.decode(Int.self, forKey: .maxRetries),
                delays: RetrySchedule.delays(fromText: try container.decode(String.self, forKey: .retryDelays))),
            timeout: .milliseconds(try container.decode(Int64.self, forKey: .timeout)),
            onLost: try decode(.onLost, OnLost.init(rawValue:)),
            labels: try container.decode([String: String].self, forKey: .labels),
            trace: try container.decodeIfPresent(String.self, forKey: .traceparent).flatMap(TraceContext.init),
            expiresAt: try container.decodeIfPresent(Int64.self, forKey: .expiresAt)
                .map { Timestamp(microseconds: $0) })
        for (key, occasion) in Self.followUps where container.contains(key) {
            task.followUps[occasion] = try decode(key, FollowUp.init(storedText:))
        }
    }
}
