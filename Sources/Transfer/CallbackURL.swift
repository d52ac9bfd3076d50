import CCurl

/// A URL taken apart by libcurl's own parser, so that what is checked is what will be called.
package struct CallbackURL: Sendable, Equatable {
    package var scheme: String
    package var host: String
    package var port: Int
    /// As it is sent: with dots resolved, never empty.
    package var path: String
    package var hasUserInfo: Bool
    /// The URL that a receiver sees: scheme and host in lower case, the scheme's own port left out, no fragment.
    package var seen: String

    /// - Returns: nil when libcurl cannot read it as an absolute URL.
    package init?(_ text: String) {
        guard let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK else { return nil }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard curl_url_get(url, part, &value, UInt32(flags)) == CURLUE_OK, let value else { return nil }
            defer { curl_free(value) }
            return String(cString: value)
        }
        guard let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST), !host.isEmpty else { return nil }
        self.scheme = scheme.lowercased()
        self.host = host
        port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap { Int($0) } ?? 0
        // As libcurl itself: what is not ASCII is escaped in the path and not in the query.
        path = part(CURLUPART_PATH, CURLU_URLENCODE) ?? "/"
        hasUserInfo = part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil
        let ownPort = part(CURLUPART_PORT, CURLU_NO_DEFAULT_PORT).map { ":\($0)" } ?? ""
        let query = part(CURLUPART_QUERY).map { "?\($0)" } ?? ""
        seen = "\(self.scheme)://\(host.lowercased())\(ownPort)\(path)\(query)"
    }
}
