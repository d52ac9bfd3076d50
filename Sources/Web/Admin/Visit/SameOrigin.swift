import HTTPTypes
import Hummingbird

/// Whether a request that changes something was made by one of our own pages.
///
/// Browsers say in `Origin` (and newer ones in `Sec-Fetch-Site`) which site's page sent a form. One of them must be
/// there, and neither may name another site: OWASP, Cross-Site Request Forgery Prevention Cheat Sheet, "Verifying
/// Origin With Standard Headers". The token in the form is checked beside it.
enum SameOrigin {
    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!

    static func isKept(by request: Request) -> Bool {
        let site = request.headers[fetchSite]
        if let site, site != "same-origin" { return false }
        guard let origin = request.headers[.origin] else { return site != nil }
        let scheme = ["http://", "https://"].first { origin.hasPrefix($0) }
        guard let scheme, let host = request.head.authority, !host.isEmpty else { return false }
        return origin.dropFirst(scheme.count).lowercased() == host.lowercased()
    }
}
