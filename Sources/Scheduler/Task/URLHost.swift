/// The host of a URL, for lists of tasks by where they go.
enum URLHost {
    /// Whether the URL goes to `wanted`: `host` or `host:port` in any case; the scheme's own port may be left out in both.
    static func matches(_ url: String, _ wanted: String) -> Bool {
        guard let separator = url.firstRange(of: "://") else { return false }
        let ownPort = url[..<separator.lowerBound].lowercased() == "https" ? ":443" : ":80"
        var authority = url[separator.upperBound...].prefix { !"/?#".contains($0) }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        func bare(_ host: String) -> Substring { host.hasSuffix(ownPort) ? host.dropLast(ownPort.count) : host[...] }
        return bare(authority.lowercased()) == bare(wanted.lowercased())
    }
}
