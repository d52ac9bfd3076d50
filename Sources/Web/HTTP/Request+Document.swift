import HTTPTypes
import Hummingbird
import Scheduler

extension Request {
    /// The body, which must be a JSON document.
    func document(limit: Int) async throws(Problem) -> JSONValue {
        try document(in: try await content(limit: limit))
    }

    /// - Parameter content: the body.
    func document(in content: [UInt8]) throws(Problem) -> JSONValue {
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
}
