import Scheduler

@testable import Web

/// The document in prose, for `docs/api-reference.md`.
struct APIReference {
    private let contract: APIContract

    init(_ contract: APIContract) {
        self.contract = contract
    }

    var markdown: String {
        """
        # API reference

        Generated from the OpenAPI document, which every instance serves at `/openapi.json`. What the fields mean in more
        words, and what is guaranteed, stands in [http-api.md](http-api.md).

        \(contract.operations.map(section).joined(separator: "\n"))
        # Schemas

        \(schemas)
        """
    }

    private func section(_ operation: APIContract.Operation) -> String {
        var text = "## \(operation.method) \(operation.path)\n"
        for name in ["summary", "description"] {
            if let line = operation.content[name]?.text { text += "\(line.oneLine)\n\n" }
        }
        let parameters = operation.parameters.filter { $0["in"]?.text != "path" }
        if !parameters.isEmpty {
            text += "| parameter | accepted | |\n|---|---|---|\n"
            for parameter in parameters {
                let place = parameter["in"]?.text == "header" ? " (header)" : ""
                text += row(
                    "`\(parameter["name"]?.text ?? "")`\(place)", parameter["schema"] ?? .null,
                    parameter["description"]?.text)
            }
            text += "\n"
        }
        for content in operation.content["requestBody"]?["content"]?.members ?? [] {
            text += "Body: `\(content.name)`, \(type(content.value["schema"] ?? .null)).\n\n"
        }
        text += "| answer | |\n|---|---|\n"
        for response in operation.content["responses"]?.members ?? [] {
            let content = contract.schemas.resolved(response.value)
            let bodies = (content["content"]?.members ?? []).filter { $0.name != "application/problem+json" }
                .map { $0.name == "application/json" ? type($0.value["schema"] ?? .null) : "`\($0.name)`" }
            let what = [content["description"]?.text?.oneLine ?? ""] + bodies
            text += "| \(response.name) | \(what.joined(separator: " ").inCell) |\n"
        }
        return text
    }

    private var schemas: String {
        (OpenAPIDocument.value["components"]?["schemas"]?.members ?? []).map { schema in
            var text = "## \(schema.name)\n"
            if let description = schema.value["description"]?.text { text += "\(description.oneLine)\n\n" }
            guard let properties = schema.value["properties"]?.members else {
                return text + "\(type(schema.value))\n"
            }
            let required = Set(schema.value["required"]?.elements.compactMap(\.text) ?? [])
            text += "| field | is | |\n|---|---|---|\n"
            for property in properties { text += rows(property.name, property.value, required.contains(property.name)) }
            return text
        }.joined(separator: "\n")
    }

    /// A member, and those of an object that has no name of its own.
    private func rows(_ name: String, _ schema: JSONValue, _ isRequired: Bool) -> String {
        var text = row("`\(name)`\(isRequired ? "" : ", optional")", schema, schema["description"]?.text)
        let inner = schema["items"] ?? schema
        let prefix = schema["items"] == nil ? name : "\(name)[]"
        let required = Set(inner["required"]?.elements.compactMap(\.text) ?? [])
        for property in inner["properties"]?.members ?? [] {
            text += rows("\(prefix).\(property.name)", property.value, required.contains(property.name))
        }
        return text
    }

    private func row(_ name: String, _ schema: JSONValue, _ description: String?) -> String {
        "| \(name) | \(type(schema).inCell) | \((description ?? "").oneLine.inCell) |\n"
    }

    /// In a few words.
    private func type(_ schema: JSONValue) -> String {
        if let name = schema["$ref"]?.text?.split(separator: "/").last { return "[\(name)](#\(name.lowercased()))" }
        let options = schema["anyOf"]?.elements ?? []
        if !options.isEmpty { return options.map(type).joined(separator: " or ") }
        let choices = schema["enum"]?.elements.compactMap(\.text) ?? []
        var words = choices.map { "`\($0)`" }.joined(separator: ", ")
        if words.isEmpty {
            words =
                schema["type"].map { $0.text ?? $0.elements.compactMap(\.text).joined(separator: " or ") } ?? "anything"
            if let items = schema["items"] { words = "array of \(type(items))" }
        }
        var limits: [String] = []
        for (name, word) in [
            ("minimum", "at least"), ("maximum", "at most"), ("exclusiveMaximum", "below"),
        ] {
            if case .number(let limit)? = schema[name] { limits.append("\(word) \(limit)") }
        }
        if let limit = schema["maxItems"]?.integer { limits.append("at most \(limit) of them") }
        if let limit = schema["maxProperties"]?.integer { limits.append("at most \(limit) of them") }
        if let limit = schema["maxLength"]?.integer { limits.append("at most \(limit) long") }
        if let format = schema["format"]?.text { limits.append(format) }
        switch schema["default"] {
        case .number(let text)?, .string(let text)?: limits.append("default \(text)")
        default: break
        }
        return limits.isEmpty ? words : "\(words) (\(limits.joined(separator: ", ")))"
    }
}

extension String {
    fileprivate var oneLine: String {
        split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    fileprivate var inCell: String { replacing("|", with: "\\|") }
}
