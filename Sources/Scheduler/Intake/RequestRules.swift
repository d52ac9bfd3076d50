import Transfer

/// What a callback request must be like. Field names are those of `/v1`.
struct RequestRules {
    let addresses: AddressPolicies
    let bodyLimit: Int

    /// Framing belongs to the transfer, identity to the scheduler.
    private static let reserved: Set<String> = [
        "connection", "content-length", "expect", "idempotency-key", "keep-alive", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "x-task-attempt", "x-task-id",
    ]

    func problems(_ request: CallbackRequest, checksURL: Bool) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if !CallbackRequest.methods.contains(request.method) {
            problems.append(
                FieldProblem("request.method", "must be one of \(CallbackRequest.methods.joined(separator: ", "))"))
        } else if request.body != nil, !CallbackRequest.sendsBody(method: request.method) {
            problems.append(FieldProblem("request.body", "cannot be sent with \(request.method)"))
        }
        if checksURL, let problem = urlProblem(request.url) { problems.append(FieldProblem("request.url", problem)) }
        if let body = request.body, body.count > bodyLimit {
            problems.append(FieldProblem("request.body", "has \(body.count) bytes; at most \(bodyLimit) are accepted"))
        }
        if !(0...10).contains(request.maxRedirects) {
            problems.append(FieldProblem("request.max_redirects", "must be between 0 and 10"))
        }
        return problems + headerProblems(request.headers)
    }

    /// What keeps a URL from being called. nil: nothing.
    func urlProblem(_ text: String) -> String? {
        if text.utf8.count > 2048 { return "has \(text.utf8.count) bytes; at most 2048 are accepted" }
        if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            return "holds a space or a control character; such must be percent-encoded"
        }
        let scheme = String(decoding: text.utf8.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self).lowercased()
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        guard scheme == "http" || scheme == "https", rest.starts(with: "://".utf8) else {
            return "must begin with http:// or https://"
        }
        // libcurl would take the first part of the path for the host of `http:///path`.
        guard let first = rest.dropFirst(3).first, !"/?#".utf8.contains(first), let url = CallbackURL(text),
            url.scheme == scheme
        else { return "is not a URL that can be called" }
        guard Self.isHost(url.host) else { return "has a host that is too long to be one" }
        if url.hasUserInfo { return "must not hold a user name or password; send an Authorization header" }
        if url.port == 0 { return "must not have port 0" }
        if let address = AddressPolicy.literal(host: url.host),
            case .denied(let reason) = addresses[text].verdict(address)
        {
            return "names an address that may not be called: \(reason)"
        }
        return nil
    }

    /// DNS allows 253 bytes in all and 63 between dots (RFC 1035, section 2.3.4); an address is shorter.
    private static func isHost(_ host: String) -> Bool {
        host.utf8.count <= 253 && host.split(separator: ".").allSatisfy { $0.utf8.count <= 63 }
    }

    private func headerProblems(_ headers: [HeaderField]) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if headers.count > 50 {
            problems.append(FieldProblem("request.headers", "has \(headers.count); at most 50 are accepted"))
        }
        if headers.reduce(0, { $0 + $1.name.utf8.count + $1.value.utf8.count }) > 16_384 {
            problems.append(FieldProblem("request.headers", "has more than 16384 bytes in all"))
        }
        var seen: Set<String> = []
        for header in headers {
            let field = "request.headers.\(header.name)"
            let name = header.name.lowercased()
            if !Self.isToken(header.name) {
                problems.append(
                    FieldProblem(
                        "request.headers",
                        "the name \(header.name.prefix(80).debugDescription) is not 1 to 100 characters that HTTP allows in a header name"
                    ))
            } else if Self.reserved.contains(name) {
                problems.append(FieldProblem(field, "is set by the scheduler"))
            } else if !seen.insert(name).inserted {
                problems.append(FieldProblem(field, "is given twice"))
            }
            if header.value.utf8.count > 8192 { problems.append(FieldProblem(field, "is longer than 8192 bytes")) }
            if header.value.utf8.contains(where: { $0 < 32 && $0 != 9 || $0 == 127 }) {
                problems.append(FieldProblem(field, "holds a line break or another control character"))
            }
        }
        return problems
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
