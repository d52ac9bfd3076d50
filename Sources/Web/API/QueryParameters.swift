import MySQL
import Scheduler

/// A query string in which every name is known and there once.
struct QueryParameters {
    private let fields: FormFields

    init(_ query: some Collection<UInt8>, accepts accepted: [String]) throws(Problem) {
        fields = FormFields(query)
        guard !fields.isBroken else {
            throw Problem(.malformed, field: "query", "the percent-encoding of the query string is broken")
        }
        var faults: [FieldProblem] = []
        var seen: Set<String> = []
        for pair in fields.pairs {
            if !accepted.contains(pair.name) {
                let names = accepted.isEmpty ? "no parameters" : accepted.joined(separator: ", ")
                faults.append(FieldProblem(pair.name, "is not known; accepted: \(names)"))
            } else if !seen.insert(pair.name).inserted {
                faults.append(FieldProblem(pair.name, "is there twice"))
            }
        }
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
    }

    subscript(name: String) -> String? { fields[name] }

    func integer(_ name: String, _ accepted: ClosedRange<Int>, _ faults: inout [FieldProblem]) -> Int? {
        guard let text = fields[name] else { return nil }
        guard let number = Int(text), accepted.contains(number) else {
            let bounds = "\(accepted.lowerBound) to \(accepted.upperBound)"
            faults.append(FieldProblem(name, "must be a whole number, \(bounds)"))
            return nil
        }
        return number
    }

    func cursor(_ name: String, _ faults: inout [FieldProblem]) -> TaskID? {
        guard let text = fields[name] else { return nil }
        let cursor = TaskID(text)
        if cursor == nil { faults.append(FieldProblem(name, Self.foreignCursor)) }
        return cursor
    }

    static let foreignCursor = "must be the next_cursor of an earlier answer"

    func time(_ name: String, _ faults: inout [FieldProblem]) -> Timestamp? {
        guard let text = fields[name] else { return nil }
        do {
            return try Timestamp(queryText: text)
        } catch {
            faults.append(FieldProblem(name, error.detail))
            return nil
        }
    }
}
