package import MySQL
import Transfer

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes tasks of the messages of one source.
package protocol SourceReader: Sendable {
    func task(of message: [UInt8], score: Double?, now: Timestamp) throws(UnreadableMessage) -> BufferedTask
}

/// Reads what `Intake` put into the buffer.
package struct BufferReader: SourceReader {
    package init() {}

    package func task(of message: [UInt8], score: Double?, now: Timestamp) throws(UnreadableMessage) -> BufferedTask {
        do {
            return try JSONDecoder().decode(BufferedTask.self, from: Data(message))
        } catch {
            throw UnreadableMessage("is not a task as schedulerd writes it: \(error)")
        }
    }
}

/// Reads messages of delay_queue as it does itself: `{"notify_url", "plan_time", "method_name", "notify_param"}`.
package struct ListReader: SourceReader {
    private let legacy: LegacyRules
    private let defaults: SourceDefaults

    package init(_ source: Configuration.Source, _ configuration: Configuration) {
        legacy = LegacyRules(configuration)
        defaults = SourceDefaults(source, configuration)
    }

    package func task(of message: [UInt8], score: Double?, now: Timestamp) throws(UnreadableMessage) -> BufferedTask {
        let fields = try SourceFields(message)
        let url = try fields.text("notify_url") ?? ""
        if url.isEmpty { throw UnreadableMessage("notify_url is missing") }
        let request = legacy.request(
            url: url, method: try fields.text("method_name") ?? "", parameter: try fields.text("notify_param") ?? "")
        // Go's zero time, which a field without a value has, is past.
        let asked = try fields.time("plan_time") ?? Timestamp(microseconds: 0)
        return try defaults.task(request, urlField: "notify_url", planTime: legacy.planTime(asked, now: now), now: now)
    }
}

/// Reads messages of delayQS: `{"body", "callback", "sign"}`, scored with the unix seconds at which they are due.
package struct SortedSetReader: SourceReader {
    private let defaults: SourceDefaults
    private let destinations: Destinations

    package init(_ source: Configuration.Source, _ configuration: Configuration) {
        defaults = SourceDefaults(source, configuration)
        destinations = Destinations(configuration.destinations)
    }

    package func task(of message: [UInt8], score: Double?, now: Timestamp) throws(UnreadableMessage) -> BufferedTask {
        let fields = try SourceFields(message)
        let url = try fields.text("callback") ?? ""
        if url.isEmpty { throw UnreadableMessage("callback is missing") }
        // The producer's own bytes, for the receiver computes the sign of what it reads there.
        let body = fields.bytes("body") ?? Array("null".utf8)[...]
        var sign = try fields.text("sign") ?? ""
        if sign.isEmpty { sign = try self.sign(body, for: url) }
        let request = CallbackRequest(
            method: "POST", url: url, headers: [LegacyRules.formHeader],
            body: Array("body=".utf8) + QueryEscape.encode(body) + Array("&sign=".utf8) + QueryEscape.encode(sign.utf8),
            maxRedirects: LegacyRules.maxRedirects)
        guard let score, score.magnitude <= 253_402_300_799 else {
            throw UnreadableMessage("the score \(score.map { "\($0)" } ?? "") is no unix time up to the year 9999")
        }
        let planTime = Timestamp(microseconds: Int64((max(0, score) * 1_000_000).rounded()))
        return try defaults.task(request, urlField: "callback", planTime: planTime, now: now)
    }

    /// The sign that the producer left to us; empty where the destination has no key.
    private func sign(_ body: ArraySlice<UInt8>, for url: String) throws(UnreadableMessage) -> String {
        do {
            return try DelayQSSign.sign(privateKey: destinations[url]?.md5Key, bodyJSON: Array(body)) ?? ""
        } catch {
            throw UnreadableMessage("has no sign, and none can be made: \(error)")
        }
    }
}

/// What the tasks of a source have in common.
struct SourceDefaults: Sendable {
    private let queue: String
    private let successRule: SuccessRule
    private let retrySchedule: RetrySchedule
    private let requests: RequestRules
    private let timeout: Duration
    private let labels: [String: String]

    init(_ source: Configuration.Source, _ configuration: Configuration) {
        // By it the fail list finds its own.
        labels = source.failKey == nil ? [:] : [FailListLoop.sourceLabel: source.key]
        let rules = TaskRules(configuration)
        queue = source.queue
        successRule = .named(source.successRule)
        retrySchedule = source.retry
        requests = RequestRules(addresses: rules.addresses, bodyLimit: rules.bodyLimit)
        timeout = rules.timeout
    }

    func task(
        _ request: CallbackRequest, urlField: String, planTime: Timestamp, now: Timestamp
    ) throws(UnreadableMessage) -> BufferedTask {
        if let problem = requests.urlProblem(request.url) { throw UnreadableMessage("\(urlField) \(problem)") }
        guard planTime <= Timestamp.range.upperBound else {
            throw UnreadableMessage("plan_time is after the year 9999")
        }
        return BufferedTask(
            createdAt: now,
            task: NewTask(
                queue: queue, planTime: planTime, request: request, successRule: successRule,
                retrySchedule: retrySchedule, timeout: timeout, labels: labels))
    }
}

/// The fields of a message.
private struct SourceFields {
    private let object: GoJSON

    init(_ message: [UInt8]) throws(UnreadableMessage) {
        guard let object = GoJSON(message) else { throw UnreadableMessage("is not a JSON object") }
        self.object = object
    }

    func bytes(_ name: String) -> ArraySlice<UInt8>? { object[name] }

    /// nil: missing or null.
    func text(_ name: String) throws(UnreadableMessage) -> String? {
        guard let value = object[name] else { return nil }
        guard let text = GoJSON.text(value) else { throw UnreadableMessage("\(name) is not a string") }
        return text
    }

    /// RFC 3339, or unix seconds as a number or in digits. nil: missing or null.
    func time(_ name: String) throws(UnreadableMessage) -> Timestamp? {
        guard let value = object[name] else { return nil }
        let text = GoJSON.text(value) ?? String(decoding: value, as: UTF8.self)
        if let time = Timestamp(rfc3339: text) { return time }
        if text.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }), let seconds = Double(text),
            seconds <= 253_402_300_799
        {
            return Timestamp(microseconds: Int64((seconds * 1_000_000).rounded()))
        }
        throw UnreadableMessage("\(name) \(text.prefix(80).debugDescription) is neither RFC 3339 nor unix seconds")
    }
}
