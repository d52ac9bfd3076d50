/// The page that somebody wanted before he was asked to sign in.
enum ReturnPath {
    /// - Returns: a path of our own pages, whatever was sent: nobody is led to another site.
    static func checked(_ text: String?) -> String {
        guard let text, text.utf8.count <= 1024,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
            let route = AdminRoute(path: text.prefix { $0 != "?" && $0 != "#" }), route.access("GET") != nil,
            ![.signIn, .live].contains(route)
        else { return AdminRoute.root }
        return text
    }
}
