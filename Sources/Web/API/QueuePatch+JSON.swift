import Scheduler

extension QueuePatch {
    private static let fields = ["priority", "weight", "max_concurrency", "rate_per_second", "burst", "defaults"]

    /// Reads the document of `POST /v1/queues`.
    /// - Throws: everything wrong with it at once.
    static func named(_ document: JSONValue) throws(Problem) -> (name: String, patch: QueuePatch) {
        var faults = FieldFaults()
        var (name, patch) = ("", QueuePatch())
        if let reader = FieldReader(document, at: "", accepts: ["name"] + fields, &faults) {
            if reader.value("name") == nil { faults.malformed.append(FieldProblem("name", "is missing")) }
            name = reader.string("name", &faults) ?? ""
            patch.read(reader, &faults)
        }
        if let problem = faults.problem { throw problem }
        return (name, patch)
    }

    /// Reads the document of `PATCH /v1/queues/{name}`: what is null is taken away.
    /// - Throws: everything wrong with it at once.
    init(_ document: JSONValue) throws(Problem) {
        self.init()
        var faults = FieldFaults()
        if let reader = FieldReader(document, at: "", accepts: Self.fields, &faults) {
            if reader.isEmpty {
                faults.malformed.append(
                    FieldProblem("body", "changes nothing; accepted: \(Self.fields.joined(separator: ", "))"))
            }
            read(reader, &faults)
        }
        if let problem = faults.problem { throw problem }
    }

    private mutating func read(_ reader: FieldReader, _ faults: inout FieldFaults) {
        priority = reader.integer("priority", &faults)
        weight = reader.integer("weight", &faults)
        maxConcurrency = reader.nullable("max_concurrency") { $0.integer($1, &faults) }
        ratePerSecond = reader.nullable("rate_per_second") { $0.number($1, &faults) }
        burst = reader.nullable("burst") { $0.integer($1, &faults) }
        guard let value = reader.value("defaults"),
            let defaults = FieldReader(value, at: "defaults", accepts: ["retry", "timeout_ms", "success"], &faults)
        else { return }
        timeoutMilliseconds = defaults.nullable("timeout_ms") { $0.integer($1, &faults) }
        retry = defaults.nullable("retry") { reader, name in
            reader.value(name).flatMap {
                FieldReader($0, at: reader.path(name), accepts: ["max_retries", "delays"], &faults)
            }.map {
                RetryDraft(maxRetries: $0.integer("max_retries", &faults), delays: $0.seconds("delays", &faults))
            }
        }
        success = defaults.nullable("success") { reader, name in
            reader.value(name).flatMap {
                FieldReader($0, at: reader.path(name), accepts: ["rule"] + SuccessConditions.fields, &faults)
            }.map {
                SuccessDraft(rule: $0.string("rule", &faults), conditions: SuccessConditions($0, &faults))
            }
        }
    }
}

extension FieldReader {
    /// A member that may be null.
    /// - Returns: nil when it is not there or wrong.
    fileprivate func nullable<T>(_ name: String, _ read: (FieldReader, String) -> T?) -> T?? {
        guard let value = value(name) else { return nil }
        if case .null = value { return .some(nil) }
        return read(self, name).map { .some($0) }
    }

    fileprivate func number(_ name: String, _ faults: inout FieldFaults) -> Double? {
        guard let value = value(name) else { return nil }
        guard case .number(let text) = value else {
            faults.malformed.append(FieldProblem(path(name), "must be a number, not \(value.kind)"))
            return nil
        }
        guard let number = Double(text), number.isFinite else {
            faults.refused.append(FieldProblem(path(name), "is out of range"))
            return nil
        }
        return number
    }
}
