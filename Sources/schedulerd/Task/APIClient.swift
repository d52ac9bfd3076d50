import Transfer

/// Talks to a server's HTTP API.
struct APIClient {
    struct Reply {
        let status: Int
        let body: [UInt8]
    }

    /// There was no answer.
    struct Unreachable: Error, CustomStringConvertible {
        let server: String
        let reason: String

        var description: String { "no answer from \(server): \(reason)" }
    }

    /// `http://host:port`, without a slash at the end.
    let server: String
    /// Sent with each request; nil: none.
    let key: String?

    private static let timeout: Duration = .seconds(30)

    init(server: String, key: String? = nil) {
        self.key = key
        var server = server
        while server.hasSuffix("/") { server.removeLast() }
        self.server = server
    }

    func call(
        _ method: String, _ path: String, query: [(String, String)] = [], headers: [(String, String)] = [],
        json: [UInt8]? = nil
    ) async throws(Unreachable) -> Reply {
        var url = server + path
        if !query.isEmpty {
            url += "?" + query.map { "\($0.0)=\(Self.escape($0.1))" }.joined(separator: "&")
        }
        var sent = headers.map { TransferHeader($0.0, $0.1) }
        if json != nil { sent.append(TransferHeader("Content-Type", "application/json")) }
        if let key { sent.append(TransferHeader("Authorization", "Bearer \(key)")) }
        let request = TransferRequest(
            token: 0, fireAt: .now, method: method, url: url, headers: sent, body: json,
            timeout: Self.timeout)
        guard let result = await Self.transfer(request) else {
            throw Unreachable(server: server, reason: "the call was cancelled")
        }
        if let failure = result.failure { throw Unreachable(server: server, reason: failure.message) }
        return Reply(status: result.status, body: result.body)
    }

    private static func transfer(_ request: TransferRequest) async -> TransferResult? {
        let (results, continuation) = AsyncStream.makeStream(of: TransferResult.self)
        var options = TransferOptions()
        options.maxInFlight = 1
        options.responseLimit = 64 << 20
        options.responseReadLimit = 64 << 20
        let loop = TransferLoop(
            options: options, mayFire: { _ in true },
            onResults: { batch in
                for result in batch { continuation.yield(result) }
            })
        defer { loop.close() }
        loop.submit([request])
        var iterator = results.makeAsyncIterator()
        return await iterator.next()
    }

    /// Percent-encoding of everything but the unreserved characters of RFC 3986.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}
