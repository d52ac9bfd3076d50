import MySQL
import Scheduler

/// The form that makes a task or changes a waiting one: what stands in its fields.
struct TaskForm {
    var queue = ""
    var planTime = "+1m"
    var method = "POST"
    var url = ""
    var headers = ""
    var body = ""
    var successRule = SuccessRule.NamedRule.status2xx.rawValue
    var maxRetries = ""
    var delays = ""
    var timeout = ""
    var onLost = OnLost.retry.rawValue
    var labels = ""
    var expiresAt = ""

    init() {}

    init(_ fields: FormFields) {
        func text(_ name: String, _ standard: String = "") -> String { fields[name] ?? standard }
        queue = text("queue")
        planTime = text("plan_time")
        method = text("method", "POST")
        url = text("url")
        headers = Self.lines(text("headers"))
        body = Self.lines(text("body"))
        successRule = text("success_rule", successRule)
        maxRetries = text("max_retries")
        delays = text("delays")
        timeout = text("timeout_ms")
        onLost = text("on_lost", onLost)
        labels = Self.lines(text("labels"))
        expiresAt = text("expires_at")
    }

    /// Filled from a task, secrets masked.
    init(_ task: TaskRecord) {
        let request = SecretMask.masked(task.task.request)
        planTime = task.nextAttemptAt?.rfc3339 ?? task.task.planTime.rfc3339
        expiresAt = task.task.expiresAt?.rfc3339 ?? ""
        method = request.method
        url = request.url
        headers = request.headerText ?? ""
        body = Self.lines(Self.text(of: request.body) ?? "")
    }

    /// Browsers send a line break of a text field as CR LF; what is meant is LF.
    private static func lines(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 != 0x0D }, as: UTF8.self)
    }

    /// nil: it is not text, and no field of a form can hold it.
    static func text(of body: [UInt8]?) -> String? {
        guard let body else { return "" }
        return String(validating: body, as: UTF8.self)
    }

    // MARK: What it asks for

    /// - Parameter now: from which a delay counts.
    func draft(now: Timestamp) throws(ValidationError) -> TaskDraft {
        var problems: [FieldProblem] = []
        var draft = TaskDraft()
        draft.queue = queue.isEmpty ? nil : queue
        draft.planTime = time("plan_time", planTime, now, &problems)
        draft.expiresAt = time("expires_at", expiresAt, now, &problems)
        draft.method = method
        draft.url = url.isEmpty ? nil : url
        draft.headers = headerFields(&problems)
        draft.body = body.isEmpty ? nil : Array(body.utf8)
        draft.successRule = successRule
        draft.onLost = onLost
        draft.maxRetries = integer("retry.max_retries", maxRetries, &problems)
        draft.timeoutMilliseconds = integer("timeout_ms", timeout, &problems)
        if !delays.isEmpty {
            let parts = delays.split(separator: ",").map { $0.filter { $0 != " " } }
            draft.retryDelays = parts.compactMap { Double($0) }
            if draft.retryDelays?.count != parts.count {
                problems.append(FieldProblem("retry.delays", "must be numbers of seconds, separated by commas"))
            }
        }
        for line in labels.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2, draft.labels.updateValue(parts[1], forKey: parts[0]) == nil { continue }
            problems.append(FieldProblem("labels", "must be one name=value a line, each name once"))
        }
        guard problems.isEmpty else { throw ValidationError(problems) }
        return draft
    }

    /// What is different from the task; secrets left masked and a body left as it was shown stay as they are.
    func patch(of task: TaskRecord, now: Timestamp) throws(ValidationError) -> TaskPatch {
        var problems: [FieldProblem] = []
        let shown = TaskForm(task)
        let request = task.task.request
        var patch = TaskPatch()
        if planTime != shown.planTime { patch.planTime = time("plan_time", planTime, now, &problems) }
        if expiresAt != shown.expiresAt { patch.expiresAt = .some(time("expires_at", expiresAt, now, &problems)) }
        if method != request.method { patch.method = method }
        let newURL = SecretMask.unmasked(url: url, request.url)
        if newURL != request.url { patch.url = newURL }
        let newHeaders = SecretMask.unmasked(headerFields(&problems), request.headers)
        if newHeaders != request.headers { patch.headers = newHeaders }
        if body != shown.body { patch.body = .some(body.isEmpty ? nil : Array(body.utf8)) }
        guard problems.isEmpty else { throw ValidationError(problems) }
        return patch
    }

    /// - Returns: nil when it is empty or wrong.
    private func time(
        _ field: String, _ text: String, _ now: Timestamp, _ problems: inout [FieldProblem]
    ) -> Timestamp? {
        if text.isEmpty { return nil }
        if text.hasPrefix("+") {
            if let delay = DelayText(String(text.dropFirst())) { return now + delay.duration }
        } else if let time = try? Timestamp(queryText: text) {
            return time
        }
        problems.append(
            FieldProblem(
                field,
                "must be a time of RFC 3339 (2026-11-20T10:00:00Z), a number of unix seconds or a delay such as +30s or +1h30m"
            ))
        return nil
    }

    private func headerFields(_ problems: inout [FieldProblem]) -> [HeaderField] {
        let lines = headers.utf8.split(separator: UInt8(ascii: "\n"))
        let fields = CallbackRequest.headers(fromText: headers)
        if fields.count != lines.count {
            problems.append(FieldProblem("request.headers", "must be one \"Name: value\" a line"))
        }
        return fields
    }

    private func integer(_ field: String, _ text: String, _ problems: inout [FieldProblem]) -> Int? {
        if text.isEmpty { return nil }
        let number = Int(text)
        if number == nil { problems.append(FieldProblem(field, "must be a whole number")) }
        return number
    }
}

extension TaskDraft {
    /// The command that asks for the same task without these pages.
    /// - Parameter server: scheme and authority.
    func curl(server: String) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            if let queue { writer.member("queue", queue) }
            writer.member("plan_time", planTime?.rfc3339)
            if let expiresAt { writer.member("expires_at", expiresAt.rfc3339) }
            writer.object("request") { writer in
                writer.member("method", method)
                writer.member("url", url)
                if !headers.isEmpty {
                    writer.object("headers") { writer in
                        for header in headers { writer.member(header.name, header.value) }
                    }
                }
                if let body { writer.member("body", String(decoding: body, as: UTF8.self)) }
            }
            if let successRule { writer.object("success") { $0.member("rule", successRule) } }
            if maxRetries != nil || retryDelays != nil {
                writer.object("retry") { writer in
                    if let maxRetries { writer.member("max_retries", maxRetries) }
                    if let retryDelays {
                        writer.array("delays") { writer in
                            for delay in retryDelays { writer.literal("\(delay)") }
                        }
                    }
                }
            }
            if let timeoutMilliseconds { writer.member("timeout_ms", timeoutMilliseconds) }
            if let onLost { writer.member("on_lost", onLost) }
            if !labels.isEmpty {
                writer.object("labels") { writer in
                    for (name, value) in labels.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
                }
            }
        }
        let json = String(decoding: writer.bytes, as: UTF8.self)
        return "curl \(CurlCommand.quote(server + "/v1/tasks")) --header 'Content-Type: application/json' --data-raw "
            + CurlCommand.quote(json)
    }
}
