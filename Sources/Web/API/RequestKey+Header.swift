import HTTPTypes
import Hummingbird
import NIOCore
import Scheduler

extension Request {
    // Constants of valid characters.
    private static let keyName = HTTPField.Name("Idempotency-Key")!
    fileprivate static let repeatedName = HTTPField.Name("Idempotency-Replayed")!

    /// The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a string in quotation marks as of RFC 9651,
    /// or without them.
    /// - Parameters:
    ///   - owner: who sends it.
    ///   - content: the body.
    func requestKey(of owner: Caller, _ content: [UInt8]) throws(Problem) -> RequestKey? {
        let values = headers[values: Self.keyName]
        guard let value = values.first else { return nil }
        guard values.count == 1, let key = Self.key(value) else {
            throw Problem(
                .malformed, field: "Idempotency-Key",
                "must be there once: 1 to 255 printable characters of ASCII, with or without quotation marks around")
        }
        return RequestKey(key, of: owner.owner, request: Array("\(method.rawValue) \(rawPath)\n".utf8) + content)
    }

    private static func key(_ text: String) -> String? {
        var key: [UInt8] = []
        var rest = Array(text.utf8)[...]
        if rest.first == UInt8(ascii: "\"") {
            guard rest.count > 2, rest.last == UInt8(ascii: "\"") else { return nil }
            rest = rest.dropFirst().dropLast()
            while var byte = rest.popFirst() {
                if byte == UInt8(ascii: "\"") { return nil }
                if byte == UInt8(ascii: "\\") {
                    guard let escaped = rest.popFirst(), escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\")
                    else { return nil }
                    byte = escaped
                }
                key.append(byte)
            }
        } else {
            key = Array(rest)
        }
        guard (1...255).contains(key.count), key.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        return String(decoding: key, as: UTF8.self)
    }
}

extension RequestAnswer {
    func response(location: String? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let location { headers[.location] = location }
        if isRepeated { headers[Request.repeatedName] = "true" }
        return Response(
            status: HTTPResponse.Status(code: status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
