import HTTPTypes
import Scheduler

@testable import Web

/// The API as its document describes it.
struct APIContract {
    struct Operation {
        let method: String
        /// As the document writes it.
        let path: String
        let content: JSONValue
        /// Those of the path and those of the operation.
        let parameters: [JSONValue]

        /// With an example for each part in braces.
        var samplePath: String {
            parameters.filter { $0["in"]?.text == "path" }.reduce(path) { path, parameter in
                let name = parameter["name"]?.text ?? ""
                return path.replacing("{\(name)}", with: parameter["example"]?.text ?? "-")
            }
        }

        var queryNames: [String] {
            parameters.filter { $0["in"]?.text == "query" }.compactMap { $0["name"]?.text }
        }
    }

    static let methods = ["get", "head", "post", "put", "patch", "delete"]
    static let served = APIContract()

    let schemas = SchemaCheck(document: OpenAPIDocument.value)
    let operations: [Operation]

    private init() {
        let schemas = SchemaCheck(document: OpenAPIDocument.value)
        operations = (OpenAPIDocument.value["paths"]?.members ?? []).flatMap { path in
            path.value.members.filter { Self.methods.contains($0.name) }.map { operation in
                let parameters =
                    (path.value["parameters"]?.elements ?? []) + (operation.value["parameters"]?.elements ?? [])
                return Operation(
                    method: operation.name.uppercased(), path: path.name, content: operation.value,
                    parameters: parameters.map(schemas.resolved))
            }
        }
    }

    func operation(_ method: String, _ path: PathTemplate) -> Operation? {
        operations.first { $0.method == method && $0.path == path.rawValue }
    }

    /// What any request may be answered with before its path counts; said once, at the document's beginning.
    private static let general = [405, 408, 431]

    /// What of an answer is not as the document says.
    func faults(_ method: String, _ path: String, _ answer: TestAPI.Answer) -> [String] {
        let isHead = method == "HEAD"
        guard let endpoint = try? Endpoint(path: path.prefix { $0 != "?" }),
            let operation = operation(isHead ? "GET" : method, endpoint.template), !Self.general.contains(answer.status)
        else { return [] }
        let name = "\(method) \(operation.path) \(answer.status)"
        guard let found = operation.content["responses"]?["\(answer.status)"] else {
            return ["\(name): the status is not in the document"]
        }
        let type = answer.headers[.contentType].map { $0.prefix { $0 != ";" } }.map(String.init)
        let contents = schemas.resolved(found)["content"]?.members ?? []
        if isHead || contents.isEmpty {
            return contents.isEmpty && !answer.body.isEmpty ? ["\(name): it has a body"] : []
        }
        guard let content = contents.first(where: { $0.name == type }) else {
            return ["\(name): the content type \(type ?? "none") is not in the document"]
        }
        guard type?.hasSuffix("json") == true, let schema = content.value["schema"] else { return [] }
        guard let json = try? answer.json else { return ["\(name): it is no JSON"] }
        return schemas.faults(json, schema).map { "\(name): \($0)" }
    }
}
