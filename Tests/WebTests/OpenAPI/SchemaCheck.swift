import Foundation
import Scheduler

/// Holds JSON against the schemas of an OpenAPI document, as far as the document uses JSON Schema.
///
/// Stricter than the standard in one point: a member that a schema with `properties` does not name is a fault, unless
/// `additionalProperties` allows it. So no answer has a field that is not in the document.
struct SchemaCheck {
    let document: JSONValue

    /// Follows a chain of `$ref`s; members beside `$ref` are kept.
    func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.text else { return value }
        var target = document
        for name in reference.dropFirst(2).split(separator: "/") { target = target[String(name)] ?? .null }
        let own = value.members.filter { $0.name != "$ref" }
        let names = Set(own.map(\.name))
        return .object(own + resolved(target).members.filter { !names.contains($0.name) })
    }

    /// - Returns: what is wrong, each with its place.
    func faults(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
        let schema = resolved(schema)
        if let options = schema["anyOf"]?.elements ?? schema["oneOf"]?.elements, !options.isEmpty {
            let all = options.map { self.faults(value, $0, at: place) }
            return all.contains(where: \.isEmpty) ? [] : all.flatMap { $0 }
        }
        var faults: [String] = []
        if let type = schema["type"] {
            let accepted = type.text.map { [$0] } ?? type.elements.compactMap(\.text)
            if !accepted.contains(where: value.isOf) { return ["\(place) is \(value.kind), not \(accepted)"] }
        }
        if value == .null { return [] }
        if let choices = schema["enum"]?.elements, !choices.isEmpty, !choices.contains(value) {
            faults.append("\(place) is none of the values there are")
        }
        if let pattern = schema["pattern"]?.text, let text = value.text,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            faults.append("\(place) does not match \(pattern)")
        }
        if case .array(let elements) = value, let items = schema["items"] {
            for (index, element) in elements.enumerated() {
                faults += self.faults(element, items, at: "\(place)[\(index)]")
            }
        }
        if case .object(let members) = value { faults += objectFaults(members, schema, place) }
        return faults
    }

    private func objectFaults(_ members: [JSONMember], _ schema: JSONValue, _ place: String) -> [String] {
        var faults: [String] = []
        for name in schema["required"]?.elements.compactMap(\.text) ?? []
        where !members.contains(where: { $0.name == name }) {
            faults.append("\(place).\(name) is missing")
        }
        let (properties, others) = (schema["properties"], schema["additionalProperties"])
        for member in members {
            if let known = properties?[member.name] {
                faults += self.faults(member.value, known, at: "\(place).\(member.name)")
            } else if case .object? = others {
                faults += self.faults(member.value, others!, at: "\(place).\(member.name)")
            } else if properties != nil {
                faults.append("\(place).\(member.name) is not in the document")
            }
        }
        return faults
    }
}

extension JSONValue {
    fileprivate func isOf(_ type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.bool, "boolean"), (.string, "string"), (.array, "array"), (.object, "object"),
            (.number, "number"):
            true
        case (.number(let text), "integer"): Int(text) != nil || UInt64(text) != nil
        default: false
        }
    }
}
