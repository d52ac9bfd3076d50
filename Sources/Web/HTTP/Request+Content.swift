import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

extension Request {
    /// The whole body.
    /// - Throws: `Problem` when it is longer than `limit` or does not arrive as HTTP.
    func content(limit: Int) async throws(Problem) -> [UInt8] {
        let announced = headers[.contentLength].flatMap { Int($0) }
        if let announced, announced > limit { throw .tooLarge(limit) }
        var bytes: [UInt8] = []
        do {
            for try await chunk in body {
                guard bytes.count + chunk.readableBytes <= limit else { throw Problem.tooLarge(limit) }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
            // The stream also ends when the client has gone in the middle.
            if let announced, bytes.count < announced { throw HTTPParserError.invalidEOFState }
        } catch let problem as Problem {
            throw problem
        } catch {
            var problem = Problem(.malformed, field: "body", "the body does not follow HTTP/1.1 (RFC 9112)")
            problem.closesConnection = true
            throw problem
        }
        return bytes
    }

    /// The header `traceparent` of W3C Trace Context. nil: there is none, or more than one, which the standard takes for
    /// malformed.
    var traceparent: String? {
        let values = headers[values: Self.traceparentName]
        return values.count == 1 ? values[0] : nil
    }

    // A constant of valid characters.
    private static let traceparentName = HTTPField.Name("traceparent")!

    /// The path without the query, as it was sent.
    var rawPath: Substring {
        let target = head.path ?? "/"
        return target.prefix { $0 != "?" && $0 != "#" }
    }

    /// What stands between `?` and `#`, as it was sent.
    var rawQuery: Substring {
        guard let path = head.path, let mark = path.utf8.firstIndex(of: UInt8(ascii: "?")) else { return "" }
        return path[path.index(after: mark)...].prefix { $0 != "#" }
    }
}

extension Problem {
    static func tooLarge(_ limit: Int) -> Problem {
        var problem = Problem(.tooLarge, field: "body", "must have at most \(limit) bytes")
        problem.closesConnection = true
        return problem
    }
}
