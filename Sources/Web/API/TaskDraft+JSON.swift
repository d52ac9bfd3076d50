import MySQL
import Scheduler

extension TaskDraft {
    static let fields = [
        "plan_time", "queue", "request", "success", "retry", "timeout_ms", "on_lost", "labels", "key", "on_conflict",
        "expires_at", "on_success", "on_failure",
    ]

    /// Reads the document of `POST /v1/tasks`. Types and names are judged here, values by the scheduler.
    /// - Throws: everything wrong with it at once.
    init(_ document: JSONValue) throws(Problem) {
        var faults = FieldFaults()
        self.init(document, &faults)
        if let problem = faults.problem { throw problem }
    }

    init(_ document: JSONValue, _ faults: inout FieldFaults) {
        self.init(document, accepts: Self.fields, &faults)
    }

    /// Reads the object that says what each run of a schedule is: a task without a time.
    /// - Parameter path: where the object is.
    init(template document: JSONValue, at path: String, _ faults: inout FieldFaults) {
        var own = FieldFaults()
        self.init(document, accepts: Self.templateFields, &own)
        faults.add(own, at: path)
    }

    /// No key: each run would have that of the last.
    private static let templateFields = [
        "queue", "request", "success", "retry", "timeout_ms", "on_lost", "labels", "on_success", "on_failure",
    ]

    private init(_ document: JSONValue, accepts accepted: [String], _ faults: inout FieldFaults) {
        self.init()
        if let reader = FieldReader(document, at: "", accepts: accepted, &faults) {
            key = reader.string("key", &faults)
            onConflict = reader.string("on_conflict", &faults)
            queue = reader.string("queue", &faults)
            expiresAt = reader.nullableTime("expires_at", &faults) ?? nil
            followUps = FollowUpDraft.read(reader, &faults).compactMapValues(\.self)
            planTime = reader.time("plan_time", &faults)
            timeoutMilliseconds = reader.integer("timeout_ms", &faults)
            onLost = reader.string("on_lost", &faults)
            for label in reader.strings("labels", &faults) ?? [] { labels[label.name] = label.text }
            if let value = reader.value("request") { read(request: value, &faults) }
            if let value = reader.value("success") { read(success: value, &faults) }
            if let value = reader.value("retry"),
                let retry = FieldReader(value, at: "retry", accepts: ["max_retries", "delays"], &faults)
            {
                maxRetries = retry.integer("max_retries", &faults)
                retryDelays = retry.seconds("delays", &faults)
            }
        }
    }

    private mutating func read(request value: JSONValue, _ faults: inout FieldFaults) {
        guard let fields = RequestFields(value, &faults) else { return }
        method = fields.method
        url = fields.url
        headers = fields.headers ?? []
        body = fields.body ?? nil
        maxRedirects = fields.maxRedirects
    }

    private mutating func read(success value: JSONValue, _ faults: inout FieldFaults) {
        guard let reader = FieldReader(value, at: "success", accepts: ["rule"] + SuccessConditions.fields, &faults)
        else { return }
        successRule = reader.string("rule", &faults)
        successConditions = SuccessConditions(reader, &faults)
    }
}
