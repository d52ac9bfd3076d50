import Scheduler

/// Everything wrong with a document: what makes it malformed, and values that are of the right type and yet impossible.
struct FieldFaults {
    var malformed: [FieldProblem] = []
    var refused: [FieldProblem] = []

    var problem: Problem? {
        if !malformed.isEmpty { return Problem(.malformed, errors: malformed + refused) }
        return refused.isEmpty ? nil : Problem(.validation, errors: refused)
    }
}

/// Reads the members of one object of a document, and notes what is wrong with them.
///
/// A member that is not there, or that is wrong, reads as nil.
struct FieldReader {
    private let members: [JSONMember]
    private let path: String

    /// Notes members with other names than `accepted`; nil when the value is no object.
    /// - Parameter path: where the object is; empty for the document itself.
    init?(_ value: JSONValue, at path: String, accepts accepted: [String], _ faults: inout FieldFaults) {
        guard case .object(let members) = value else {
            faults.malformed.append(
                FieldProblem(path.isEmpty ? "body" : path, "must be an object, not \(value.kind)"))
            return nil
        }
        self.members = members
        self.path = path
        for member in members where !accepted.contains(member.name) {
            faults.malformed.append(
                FieldProblem(
                    Self.join(path, member.name), "is not known; accepted: \(accepted.joined(separator: ", "))"))
        }
    }

    private static func join(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    /// Whether there are no members at all.
    var isEmpty: Bool { members.isEmpty }

    func value(_ name: String) -> JSONValue? {
        members.first { $0.name == name }?.value
    }

    func path(_ name: String) -> String { Self.join(path, name) }

    func string(_ name: String, _ faults: inout FieldFaults) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else {
            faults.malformed.append(FieldProblem(path(name), "must be a string, not \(value.kind)"))
            return nil
        }
        return text
    }

    func integer(_ name: String, _ faults: inout FieldFaults) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .number(let text) = value else {
            faults.malformed.append(FieldProblem(path(name), "must be a whole number, not \(value.kind)"))
            return nil
        }
        switch JSONNumber(text.utf8).whole {
        case .number(let number): return number
        case .outOfRange: faults.refused.append(FieldProblem(path(name), "is out of range"))
        case .fraction: faults.malformed.append(FieldProblem(path(name), "must be a whole number, without fraction"))
        }
        return nil
    }

    /// Members of an object that holds strings only, in their order.
    func strings(_ name: String, _ faults: inout FieldFaults) -> [(name: String, text: String)]? {
        guard let value = value(name) else { return nil }
        guard case .object(let members) = value else {
            faults.malformed.append(FieldProblem(path(name), "must be an object of strings, not \(value.kind)"))
            return nil
        }
        var strings: [(name: String, text: String)] = []
        strings.reserveCapacity(members.count)
        for member in members {
            if case .string(let text) = member.value {
                strings.append((member.name, text))
            } else {
                let field = Self.join(path(name), member.name)
                faults.malformed.append(FieldProblem(field, "must be a string, not \(member.value.kind)"))
            }
        }
        return strings
    }
}
