import CCurl

extension TransferRequest {
    /// The request that follows a redirecting answer, or nil when the status asks for none.
    ///
    /// libcurl could follow by itself, but would repeat a PUT, PATCH or DELETE after a 301, 302 or 303 with the method
    /// and without the body, which can empty a resource. Here, as RFC 9110 section 15.4 has it: 303 is fetched with GET
    /// (HEAD stays HEAD), 301 and 302 turn POST into GET, and everything else is repeated as it was, body included.
    /// A different scheme, host or port gets no `Authorization`, `Cookie` or `Host`, as with libcurl and browsers, and no
    /// signature that was made for another.
    ///
    /// - Parameter location: absolute, as `CURLINFO_REDIRECT_URL` gives it.
    func redirected(status: Int, to location: String) -> TransferRequest? {
        guard [301, 302, 303, 307, 308].contains(status) else { return nil }
        var next = self
        next.url = location
        next.maxRedirects -= 1
        let becomesGET = status == 303 ? method != "HEAD" : status < 303 && method == "POST"
        if becomesGET {
            next.method = "GET"
            next.body = nil
            next.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        if Origin(url) == nil || Origin(url) != Origin(location) {
            next.headers.removeAll { Self.forOneOrigin.contains($0.name.lowercased()) }
            next.isElsewhere = true
        }
        return next
    }

    private static let forOneOrigin: Set<String> = [
        "authorization", "cookie", "host", "webhook-signature", "webhook-request-signature",
    ]
}

/// Scheme, host and port of a URL, taken apart by the same parser that will connect.
struct Origin: Equatable {
    let scheme: String
    let host: String
    let port: String

    init?(_ url: String) {
        guard let parts = curl_url() else { return nil }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: parts), let host = Self.part(CURLUPART_HOST, of: parts),
            let port = Self.part(CURLUPART_PORT, of: parts)
        else { return nil }
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
    }

    private static func part(_ what: CURLUPart, of parts: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, what, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
