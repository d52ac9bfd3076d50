import Scheduler

extension SuccessConditions {
    static let fields = ["statuses", "json", "body_contains", "body_matches", "permanent_failure"]

    /// Reads the object `success` of a document. Types and names are judged here, values by the scheduler.
    init(_ reader: FieldReader, _ faults: inout FieldFaults) {
        self.init()
        statuses = reader.statuses("statuses", &faults)
        permanentFailure = reader.statuses("permanent_failure", &faults)
        json = reader.elements("json", of: "objects", &faults) { element, field, faults in
            JSONEquality(element, at: field, &faults)
        }
        bodyContains = reader.string("body_contains", &faults)
        bodyMatches = reader.string("body_matches", &faults)
    }
}

extension SuccessConditions.JSONEquality {
    fileprivate init?(_ value: JSONValue, at field: String, _ faults: inout FieldFaults) {
        guard let reader = FieldReader(value, at: field, accepts: ["path", "equals"], &faults) else { return nil }
        let path = reader.string("path", &faults)
        for name in ["path", "equals"] where reader.value(name) == nil {
            faults.malformed.append(FieldProblem(reader.path(name), "is missing"))
        }
        guard let path, let value = reader.value("equals") else { return nil }
        guard let equals = JSONScalar(value) else {
            faults.malformed.append(
                FieldProblem(
                    reader.path("equals"), "must be a string, a number, true, false or null, not \(value.kind)"))
            return nil
        }
        self.init(path: path, equals: equals)
    }
}

extension FieldReader {
    /// An array of statuses, each a number or a string.
    fileprivate func statuses(_ name: String, _ faults: inout FieldFaults) -> [String]? {
        elements(name, of: "numbers and strings", &faults) { element, field, faults in
            switch element {
            case .number(let text), .string(let text): return text
            default:
                faults.malformed.append(FieldProblem(field, "must be a number or a string, not \(element.kind)"))
                return nil
            }
        }
    }

    func elements<T>(
        _ name: String, of kind: String, _ faults: inout FieldFaults,
        _ read: (JSONValue, String, inout FieldFaults) -> T?
    ) -> [T]? {
        guard let value = value(name) else { return nil }
        guard case .array(let elements) = value else {
            faults.malformed.append(FieldProblem(path(name), "must be an array of \(kind), not \(value.kind)"))
            return nil
        }
        return elements.enumerated().compactMap { read($1, "\(path(name))[\($0)]", &faults) }
    }
}
