import CHiredis

/// What the server says to a command, in the kinds of RESP2 (the only ones that hiredis 0.14 reads).
package enum Reply: Sendable, Equatable {
    /// A short text of the server's own, such as `OK`.
    case status(String)
    case integer(Int)
    case bulk([UInt8])
    case array([Reply])
    /// No such key or element, or a time that ran out.
    case null
    /// Inside an array only, one element's failure; an error that is the whole reply is thrown.
    case error(RedisError)

    /// - Throws: `protocolViolation` for a kind that RESP2 has not.
    init(_ reply: UnsafePointer<redisReply>) throws(RedisError) {
        let reply = reply.pointee
        switch reply.type {
        case REDIS_REPLY_STATUS: self = .status(Self.text(reply))
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.integer))
        case REDIS_REPLY_STRING:
            self = .bulk(Array(UnsafeRawBufferPointer(start: reply.str, count: reply.len)))
        case REDIS_REPLY_ARRAY:
            var elements: [Reply] = []
            elements.reserveCapacity(reply.elements)
            for index in 0..<reply.elements { elements.append(try Reply(reply.element[index]!)) }
            self = .array(elements)
        case REDIS_REPLY_NIL: self = .null
        case REDIS_REPLY_ERROR: self = .error(RedisError(reply: Self.text(reply)))
        default: throw RedisError(.protocolViolation, "a reply of the unknown kind \(reply.type)")
        }
    }

    private static func text(_ reply: redisReply) -> String {
        String(decoding: UnsafeRawBufferPointer(start: reply.str, count: reply.len), as: UTF8.self)
    }

    // MARK: Decoding

    // Each of these throws `unexpectedReply`, or the error that stands in the reply's place.

    package var asInteger: Int {
        get throws(RedisError) {
            guard case .integer(let value) = self else { throw unexpected("an integer") }
            return value
        }
    }

    package var asBytes: [UInt8] {
        get throws(RedisError) {
            guard case .bulk(let bytes) = self else { throw unexpected("a string") }
            return bytes
        }
    }

    /// nil for null.
    package var asBytesOrNull: [UInt8]? {
        get throws(RedisError) { self == .null ? nil : try asBytes }
    }

    /// A status or a string that is valid UTF-8.
    package var asText: String {
        get throws(RedisError) {
            switch self {
            case .status(let text): return text
            case .bulk(let bytes):
                guard let text = String(validating: bytes, as: UTF8.self) else { throw unexpected("UTF-8") }
                return text
            default: throw unexpected("a text")
            }
        }
    }

    package var asArray: [Reply] {
        get throws(RedisError) {
            guard case .array(let elements) = self else { throw unexpected("an array") }
            return elements
        }
    }

    private func unexpected(_ expected: String) -> RedisError {
        let came: String
        switch self {
        case .status(let text): came = "the status \(text)"
        case .integer(let value): came = "the integer \(value)"
        case .bulk(let bytes): came = "a string of \(bytes.count) bytes"
        case .array(let elements): came = "an array of \(elements.count)"
        case .null: came = "null"
        case .error(let error): return error
        }
        return RedisError(.unexpectedReply, "\(expected) was expected from the server, but \(came) came")
    }
}
