import Accounts
import HTTPTypes
import Hummingbird
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

    var texts: Texts { Texts.of(language) }
    var userAgent: String { request.headers[.userAgent] ?? "" }

    func may(_ role: Role) -> Bool { signedIn?.user.profile.role.includes(role) ?? false }
}

/// What a visit leads to.
enum Reply {
    case page(Page)
    /// To another page, to be fetched with GET.
    case redirect(String, cookies: [Cookie] = [])
    case response(Response)

    /// Back to a page, which then says what was done.
    /// - Parameter notice: one of `Notice`.
    static func redirect(_ path: String, _ notice: Notice) -> Reply {
        .redirect("\(path)?notice=\(notice.rawValue)")
    }
}

/// What was done, as the next page says it.
enum Notice: String, CaseIterable {
    case signedOut = "signed_out"
    case taskCreated = "task_created"
    case taskCancelled = "task_cancelled"
    case taskRun = "task_run"
    case taskRetried = "task_retried"
    case taskDuplicated = "task_duplicated"
    case taskEdited = "task_edited"
    case messageRetried = "message_retried"
    case messageDeleted = "message_deleted"
    case operationCancelled = "operation_cancelled"
    case queuePaused = "queue_paused"
    case queueResumed = "queue_resumed"
    case userAdded = "user_added"
    case userChanged = "user_changed"
    case userDeleted = "user_deleted"
    case passwordChanged = "password_changed"
}
