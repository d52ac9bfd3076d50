import HTTPTypes
import Hummingbird
import Scheduler

extension Request {
    /// The body as a JSON document.
    func json(limit: Int) async throws -> JSONValue {
        let bytes = try await content(limit: limit)
        return try json(bytes)
    }

    func json(_ content: [UInt8]) throws(Problem) -> JSONValue {
        if let text = headers[.contentType] {
            let type = ContentType(text)
            guard type.name == "application/json", type.charset == nil || type.charset == "utf-8" else {
                throw Problem(
                    .unsupportedMediaType, field: "Content-Type", "must be application/json, in UTF-8 if it says so")
            }
        }
        guard !content.isEmpty else { throw Problem(.malformed, field: "body", "must be a JSON object; it is empty") }
        do throws(JSONFault) {
            return try JSONParser.parse(content)
        } catch {
            throw Problem(.malformed, field: "body", "is not JSON: \(error.description)")
        }
    }

    func requireNoContent(limit: Int) async throws {
        _ = try QueryParameters(rawQuery.utf8, accepts: [])
        guard try await content(limit: limit).isEmpty else {
            throw Problem(.malformed, field: "body", "must be empty")
        }
    }
}
