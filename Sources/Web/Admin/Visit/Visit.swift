import Accounts
import HTTPTypes
import Hummingbird
import Scheduler
import Transfer

/// A request to the administration pages, and who sent it.
struct Visit: Sendable {
    let request: Request
    let language: Language
    /// The client's address, as trusted proxies tell it.
    let client: IPAddress?
    /// Whether the client speaks TLS, with this server's proxy.
    let isSecure: Bool
    let query: FormFields
    /// What was posted; empty for a GET.
    var form = FormFields("".utf8)
    /// nil: nobody is signed in.
    var signedIn: SignedIn?
    /// What the cookie of the session holds.
    var sessionID: String?
    /// Where what the page shows is read from.
    var reading = ReadPlan.primary(.noReplica)

    var texts: Texts { Texts.of(language) }
    var userAgent: String { request.headers[.userAgent] ?? "" }

    func may(_ role: Role) -> Bool { signedIn?.user.profile.role.includes(role) ?? false }
}
