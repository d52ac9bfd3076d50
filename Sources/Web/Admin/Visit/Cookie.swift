import HTTPTypes

/// A cookie of the administration pages. No script can read it, and no other site's form brings it along.
struct Cookie: Sendable {
    enum Site: String {
        /// It also comes along when somebody follows a link to us from another site.
        case lax = "Lax"
        case strict = "Strict"
    }

    var name: String
    /// Of letters, digits, dashes and underscores. Empty: the cookie is taken back.
    var value: String
    /// Seconds; nil: until the browser is closed.
    var age: Int?
    var site = Site.lax

    func field(isSecure: Bool) -> String {
        var field = "\(name)=\(value); Path=\(AdminRoute.root); HttpOnly; SameSite=\(site.rawValue)"
        if let age = value.isEmpty ? 0 : age { field += "; Max-Age=\(age)" }
        if isSecure { field += "; Secure" }
        return field
    }
}

extension HTTPFields {
    /// The first cookie of that name.
    func cookie(_ name: String) -> String? {
        for field in self[values: .cookie] {
            for pair in field.split(separator: ";").prefix(100) {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2, parts[0].drop(while: { $0 == " " }) == name { return String(parts[1]) }
            }
        }
        return nil
    }
}
