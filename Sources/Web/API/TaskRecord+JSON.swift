import MySQL
import Scheduler

extension TaskRecord {
    /// The task as the API shows it.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id.description)
            writer.member("queue", task.queue)
            writer.member("state", state.rawValue)
            writer.member("plan_time", task.planTime.rfc3339)
            writer.object("request") { task.request.write(to: &$0) }
            task.successRule.write(to: &writer)
            writer.object("retry") { writer in
                writer.member("max_retries", task.retrySchedule.maxRetries)
                writer.array("delays") { writer in
                    for delay in task.retrySchedule.delays { writer.literal(RetrySchedule.secondsText(delay)) }
                }
            }
            writer.member("timeout_ms", Int(task.timeout.microseconds / 1000))
            writer.member("on_lost", task.onLost.rawValue)
            writer.object("labels") { writer in
                for (name, value) in task.labels.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
            }
            writer.member("traceparent", task.trace?.text)
            writer.member("attempt", attempt)
            writer.member("next_attempt_at", nextAttemptAt?.rfc3339)
            writer.member("deferred_from", deferredFrom?.rfc3339)
            writer.member("created_at", createdAt.rfc3339)
            writer.member("finished_at", finishedAt?.rfc3339)
            writer.member("version", version)
        }
    }
}

extension SuccessRule {
    func write(to writer: inout JSONWriter) {
        switch self {
        case .named(let rule): writer.object("success") { $0.member("rule", rule.rawValue) }
        // It is kept as it was asked for.
        case .custom(let criteria): writer.member("success", json: criteria.text)
        }
    }
}

extension CallbackRequest {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("method", method)
        writer.member("url", url)
        writer.object("headers") { writer in
            for (name, values) in joinedHeaders { writer.member(name, values) }
        }
        let content = Content(body)
        writer.member("body", content.text)
        writer.member("body_encoding", content.encoding)
        writer.member("max_redirects", maxRedirects)
    }

    /// Fields of the same name become one, as RFC 9110, section 5.3 allows: an object holds a name once.
    private var joinedHeaders: [(String, String)] {
        var joined: [(String, String)] = []
        for header in headers {
            if let index = joined.firstIndex(where: { $0.0 == header.name }) {
                joined[index].1 += ", " + header.value
            } else {
                joined.append((header.name, header.value))
            }
        }
        return joined
    }
}

/// Bytes as a JSON string: as they are when they are UTF-8, else in base64.
struct Content {
    let text: String?
    let encoding: String

    /// - Parameter isCut: whether the end may be missing; half a character at the end is then left out.
    init(_ bytes: [UInt8]?, isCut: Bool = false) {
        guard let bytes else {
            (text, encoding) = (nil, "utf8")
            return
        }
        let whole = isCut ? UTF8Text.withoutCutCharacter(bytes[...]) : bytes[...]
        if let text = String(validating: whole, as: UTF8.self) {
            (self.text, encoding) = (text, "utf8")
        } else {
            (text, encoding) = (Base64.encode(bytes), "base64")
        }
    }
}
