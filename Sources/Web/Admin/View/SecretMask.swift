import Scheduler

/// Hides what lets somebody act as somebody else: passwords and tokens in headers and URLs.
enum SecretMask {
    static let mask = "••••••"

    private static let names = [
        "authorization", "cookie", "token", "secret", "password", "passwd", "pwd", "apikey", "api-key", "api_key",
        "access-key", "access_key", "accesskey", "credential", "session", "private-key", "private_key",
    ]
    private static let wholeNames: Set<String> = ["sign", "sig", "signature", "key", "auth", "x-signature"]

    static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return wholeNames.contains(name) || names.contains { name.contains($0) }
    }

    static func masked(_ header: HeaderField) -> HeaderField {
        isSecret(header.name) ? HeaderField(name: header.name, value: mask) : header
    }

    /// Without the password of the authority and the values of parameters that look secret.
    static func masked(url: String) -> String {
        var (front, query) = (url, "")
        if let mark = url.firstIndex(of: "?") {
            front = String(url[..<mark])
            let parts = url[url.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false).map {
                part -> String in
                guard let equals = part.firstIndex(of: "="), isSecret(String(part[..<equals])) else {
                    return String(part)
                }
                return String(part[...equals]) + mask
            }
            query = "?" + parts.joined(separator: "&")
        }
        if let start = front.firstRange(of: "://")?.upperBound {
            let authority = front[start...].prefix { $0 != "/" }
            if let at = authority.lastIndex(of: "@") { front = String(front[..<start]) + mask + String(front[at...]) }
        }
        return front + query
    }

    static func masked(_ request: CallbackRequest) -> CallbackRequest {
        var request = request
        request.headers = request.headers.map(masked)
        request.url = masked(url: request.url)
        return request
    }

    /// Puts the secrets back that somebody left masked in a form.
    /// - Parameter original: what the form was filled from.
    static func unmasked(_ headers: [HeaderField], _ original: [HeaderField]) -> [HeaderField] {
        headers.map { header in
            guard header.value == mask else { return header }
            return original.first { $0.name.lowercased() == header.name.lowercased() } ?? header
        }
    }

    static func unmasked(url: String, _ original: String) -> String {
        url == masked(url: original) ? original : url
    }
}
