import Scheduler
import Yams

/// The OpenAPI 3.1 document of the API, put together from the files in `OpenAPI`: `main.api.yaml`, and for each part of the
/// API one file with its paths and components.
enum OpenAPIDocument {
    /// As it is served.
    static let json: [UInt8] = {
        var writer = JSONWriter(capacity: 65_536)
        writer.value(value)
        return writer.bytes
    }()

    static let value: JSONValue = {
        let files = EmbeddedFiles.all.filter { $0.name.hasSuffix(suffix) }.sorted { $0.name < $1.name }
        let main = files.first { $0.name == "main\(suffix)" }.map(read) ?? .object([])
        return files.filter { $0.name != "main\(suffix)" }.map(read).reduce(main) { $0.merging($1, depth: 2) }.asKeyed
    }()

    private static let suffix = ".api.yaml"

    private static func read(_ file: (name: String, text: String)) -> JSONValue {
        do {
            guard let node = try compose(yaml: file.text) else { preconditionFailure("\(file.name) is empty") }
            return JSONValue(node)
        } catch {
            preconditionFailure("\(file.name): \(error)")
        }
    }
}

extension JSONValue {
    /// What every path of `/v1` may answer to who sends no key, or another.
    private static let refusals = [("401", "Unauthorized"), ("403", "Forbidden"), ("429", "TooManyRequests")]

    /// The document with these answers at each operation below `/v1`.
    fileprivate var asKeyed: JSONValue {
        mapping("paths") { paths in
            .object(
                paths.members.map { path in
                    guard path.name.hasPrefix("/v1/") else { return path }
                    let operations = path.value.members.map { operation in
                        JSONMember(operation.name, operation.value.mapping("responses") { $0.adding(Self.refusals) })
                    }
                    return JSONMember(path.name, .object(operations))
                })
        }
    }

    private func mapping(_ name: String, _ change: (JSONValue) -> JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.map { $0.name == name ? JSONMember(name, change($0.value)) : $0 })
    }

    /// In the order of their names.
    private func adding(_ responses: [(status: String, name: String)]) -> JSONValue {
        let known = Set(members.map(\.name))
        let added = responses.filter { !known.contains($0.status) }.map { status, name in
            JSONMember(status, .object([JSONMember("$ref", .string("#/components/responses/\(name)"))]))
        }
        return .object((members + added).sorted { $0.name < $1.name })
    }

    /// A node of YAML as JSON: a plain `true`, `null` or number is one, everything else that is not nested is a string.
    fileprivate init(_ node: Node) {
        switch node {
        case .mapping(let mapping):
            self = .object(mapping.map { JSONMember($0.key.string ?? "", JSONValue($0.value)) })
        case .sequence(let sequence): self = .array(sequence.map(JSONValue.init))
        case .scalar(let scalar): self = Self.scalar(scalar.string, isPlain: scalar.style == .plain)
        default: preconditionFailure("an alias of YAML has no meaning in the document")
        }
    }

    private static func scalar(_ text: String, isPlain: Bool) -> JSONValue {
        switch text {
        case "true" where isPlain: .bool(true)
        case "false" where isPlain: .bool(false)
        case "null" where isPlain: .null
        case _ where isPlain && Double(text) != nil && text.utf8.allSatisfy { "-.0123456789".utf8.contains($0) }:
            .number(text)
        default: .string(text)
        }
    }

    /// Members of both; objects under the same name are merged down to `depth` levels.
    fileprivate func merging(_ other: JSONValue, depth: Int) -> JSONValue {
        var members = members
        for member in other.members {
            if let index = members.firstIndex(where: { $0.name == member.name }), depth > 0 {
                members[index].value = members[index].value.merging(member.value, depth: depth - 1)
            } else {
                precondition(!members.contains { $0.name == member.name }, "\(member.name) is there twice")
                members.append(member)
            }
        }
        return .object(members)
    }
}
