import MySQL
import Scheduler

extension TaskRecord {
    /// The task as the API shows it.
    func write(to writer: inout JSONWriter, _ view: TaskExtent = .full) {
        writer.object { writer in
            writer.member("id", id.description)
            writer.member("queue", task.queue)
            writer.member("state", state.rawValue)
            writer.member("plan_time", task.planTime.rfc3339)
            if view == .basic { return writeBasic(to: &writer) }
            task.writeDefinition(to: &writer)
            writer.member("traceparent", task.trace?.text)
            task.writeFollowUps(to: &writer)
            writeEnd(to: &writer)
        }
    }

    /// Without what may be long.
    private func writeBasic(to writer: inout JSONWriter) {
        writer.object("request") { writer in
            writer.member("method", task.request.method)
            writer.member("url", task.request.url)
        }
        writer.object("labels") { writer in
            for (name, value) in task.labels.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
        }
        writeEnd(to: &writer)
    }

    private func writeEnd(to writer: inout JSONWriter) {
        writer.member("key", task.key)
        writer.member("expires_at", task.expiresAt?.rfc3339)
        writer.member("expired", isExpired)
        writer.member("follows", follows?.description)
        writer.member("attempt", attempt)
        writer.member("next_attempt_at", nextAttemptAt?.rfc3339)
        writer.member("deferred_from", deferredFrom?.rfc3339)
        writer.member("created_at", createdAt.rfc3339)
        writer.member("finished_at", finishedAt?.rfc3339)
        writer.member("version", version)
    }
}

/// How much of a task is shown.
enum TaskExtent: String, CaseIterable {
    /// Without headers, body and the rules of its retries.
    case basic
    case full

    init(_ query: QueryParameters) throws(Problem) {
        var faults: [FieldProblem] = []
        self = Self.read(query, &faults)
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
    }

    static func read(_ query: QueryParameters, _ faults: inout [FieldProblem]) -> TaskExtent {
        guard let text = query["view"] else { return .full }
        if let view = TaskExtent(rawValue: text) { return view }
        faults.append(FieldProblem("view", "must be basic or full"))
        return .full
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
    func write(to writer: inout JSONWriter) {
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

extension NewTask {
    /// What it is, as far as that does not hang on a time: the members of an object.
    func writeTemplate(to writer: inout JSONWriter) {
        writer.member("queue", queue)
        writeDefinition(to: &writer)
        writeFollowUps(to: &writer)
    }

    fileprivate func writeDefinition(to writer: inout JSONWriter) {
        writer.object("request") { request.write(to: &$0) }
        successRule.write(to: &writer)
        writer.object("retry") { writer in
            writer.member("max_retries", retrySchedule.maxRetries)
            writer.array("delays") { writer in
                for delay in retrySchedule.delays { writer.literal(RetrySchedule.secondsText(delay)) }
            }
        }
        writer.member("timeout_ms", Int(timeout.microseconds / 1000))
        writer.member("on_lost", onLost.rawValue)
        writer.object("labels") { writer in
            for (name, value) in labels.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
        }
    }

    fileprivate func writeFollowUps(to writer: inout JSONWriter) {
        for occasion in FollowUp.Occasion.allCases {
            writer.member(occasion.rawValue, json: followUps[occasion]?.text ?? "null")
        }
    }
}
