/// The host of a URL, for lists of tasks by where they go.
enum URLHost {
    /// `host` or `host:port` in lower case, as the views for reports have it; empty when the text is no URL.
    static func of(_ url: String) -> String {
        guard let separator = url.firstRange(of: "://") else { return "" }
        return authority(url[separator.upperBound...]).lowercased()
    }

    private static func authority(_ text: Substring) -> Substring {
        let authority = text.prefix { !"/?#".contains($0) }
        return authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    }

    /// Whether the URL goes to `wanted`: `host` or `host:port` in any case; the scheme's own port may be left out in both.
    static func matches(_ url: String, _ wanted: String) -> Bool {
        guard let separator = url.firstRange(of: "://") else { return false }
        let ownPort = url[..<separator.lowerBound].lowercased() == "https" ? ":443" : ":80"
        func bare(_ host: String) -> Substring { host.hasSuffix(ownPort) ? host.dropLast(ownPort.count) : host[...] }
        return bare(authority(url[separator.upperBound...]).lowercased()) == bare(wanted.lowercased())
    }
}
