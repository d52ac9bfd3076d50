import Accounts
import Foundation
import Scheduler
import Testing

@testable import Web

/// The document at `/openapi.json` and the API say the same, in both directions. That answers are as it says, `TestAPI`
/// checks with each call.
struct OpenAPITests {
    private let contract = APIContract.served
    private let api = TestAPI()

    @Test func theDocumentIsServed() async throws {
        let answer = try await api.call("GET", "/openapi.json")
        #expect(answer.status == 200)
        #expect(try answer.json == OpenAPIDocument.value)
        #expect(try answer.json["openapi"]?.text == "3.1.0")
    }

    @Test func everyPathIsInTheDocumentAndNoOther() {
        let documented = OpenAPIDocument.value["paths"]?.members.map(\.name) ?? []
        #expect(documented.sorted() == PathTemplate.allCases.map(\.rawValue).sorted())
    }

    @Test(arguments: PathTemplate.allCases)
    func everyMethodIsInTheDocumentAndNoOther(path: PathTemplate) throws {
        let operations = contract.operations.filter { $0.path == path.rawValue }
        let sample = try #require(operations.first?.samplePath)
        let endpoint = try Endpoint(path: sample[...])
        #expect(endpoint.template == path, "\(sample) leads elsewhere")
        // HEAD goes with every GET, as the document says at its beginning.
        #expect(operations.map(\.method).sorted() == endpoint.methods.filter { $0 != "HEAD" }.sorted())
    }

    @Test func everyReferenceLeadsSomewhereAndEveryOperationHasItsOwnID() {
        var references: [String] = []
        func collect(_ value: JSONValue) {
            if let reference = value["$ref"]?.text { references.append(reference) }
            for member in value.members { collect(member.value) }
            for element in value.elements { collect(element) }
        }
        collect(OpenAPIDocument.value)
        #expect(!references.isEmpty)
        for reference in Set(references) {
            let isThere = contract.schemas.resolved(.object([JSONMember("$ref", .string(reference))])) != .object([])
            #expect(isThere, "\(reference)")
        }
        let ids = contract.operations.compactMap { $0.content["operationId"]?.text }
        #expect(ids.count == contract.operations.count)
        #expect(Set(ids).count == ids.count)
    }

    /// Sends a field that nobody knows to every object that a body can hold: the answer names those that are accepted.
    @Test(arguments: PathTemplate.allCases)
    func bodiesHaveTheFieldsThatAreReadAndNoOthers(path: PathTemplate) async throws {
        for operation in contract.operations where operation.path == path.rawValue {
            guard let schema = operation.content["requestBody"]?["content"]?["application/json"]?["schema"] else {
                continue
            }
            for object in objects(in: schema, path: []) {
                let body = object.path.reversed().reduce(#"{"~":0}"#) { inner, name in
                    name == "[]" ? "[\(inner)]" : "{\"\(name)\":\(inner)}"
                }
                let answer = try await api.call(operation.method, operation.samplePath, body)
                #expect(answer.status == 400, "\(operation.method) \(path.rawValue) \(body)")
                #expect(try accepted(by: answer) == object.fields, "\(operation.method) \(path.rawValue) \(body)")
            }
        }
    }

    @Test(arguments: PathTemplate.allCases)
    func queriesHaveTheParametersThatAreReadAndNoOthers(path: PathTemplate) async throws {
        for operation in contract.operations where operation.path == path.rawValue && operation.method == "GET" {
            guard operation.content["responses"]?["400"] != nil else { continue }
            let answer = try await api.call("GET", operation.samplePath + "?~=0")
            #expect(answer.status == 400, "\(path.rawValue)")
            #expect(try accepted(by: answer) == operation.queryNames.sorted(), "\(path.rawValue)")
        }
    }

    @Test func everyActionOfTheAuditLogCanBeAskedFor() throws {
        let operation = try #require(contract.operations.first { $0.path == PathTemplate.auditEvents.rawValue })
        let parameter = operation.content["parameters"]?.elements.first { $0["name"]?.text == "action" }
        let named = parameter?["schema"]?["enum"]?.elements.compactMap(\.text) ?? []
        #expect(named.sorted() == AuditAction.allCases.map(\.rawValue).sorted())
    }

    /// Names from `is not known; accepted: a, b`.
    private func accepted(by answer: TestAPI.Answer) throws -> [String] {
        let errors = try answer.json["errors"]?.elements ?? []
        let detail = errors.first { $0["field"]?.text?.hasSuffix("~") == true }?["detail"]?.text ?? ""
        let names = detail.split(separator: "accepted: ", maxSplits: 1).last ?? ""
        return names == "no parameters" ? [] : names.split(separator: ", ").map(String.init).sorted()
    }

    private struct Object {
        /// Names of members; `[]`: an element.
        let path: [String]
        let fields: [String]
    }

    /// The objects with named members in a schema.
    private func objects(in schema: JSONValue, path: [String]) -> [Object] {
        let schema = contract.schemas.resolved(schema)
        var found: [Object] = []
        if let properties = schema["properties"]?.members {
            found.append(Object(path: path, fields: properties.map(\.name).sorted()))
            for property in properties { found += objects(in: property.value, path: path + [property.name]) }
        }
        if let items = schema["items"] { found += objects(in: items, path: path + ["[]"]) }
        for option in schema["anyOf"]?.elements ?? [] { found += objects(in: option, path: path) }
        return found
    }

    // MARK: In prose

    /// After a change of the document, write the reference anew with
    /// `SCHEDULERD_TEST_WRITE_REFERENCE=1 scripts/test --filter OpenAPITests`.
    @Test func theReferenceSaysWhatTheDocumentSays() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/api-reference.md")
        let generated = APIReference(contract).markdown
        if ProcessInfo.processInfo.environment["SCHEDULERD_TEST_WRITE_REFERENCE"] == "1" {
            try Data(generated.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == generated, "docs/api-reference.md is behind")
    }
}
