import Accounts
import MySQL
import Scheduler

/// Who did what, newest first.
struct AuditPages: Sendable {
    let services: AdminServices

    private static let pageSize = 50

    func list(_ visit: Visit) async throws -> Reply {
        let texts = visit.texts
        func text(_ name: String) -> String? { visit.query[name].flatMap { $0.isEmpty ? nil : $0 } }
        var filter = AuditFilter()
        filter.actor = text("actor")
        filter.subject = text("subject")
        filter.action = text("action").flatMap { AuditAction(rawValue: $0) }
        let cursor = text("before").flatMap { UInt64($0) }
        let found = try await services.audit.events(filter, before: cursor, limit: Self.pageSize)
        var page = Page("audit", texts("audit"), .audit)
        page.content["rows"] = found.events.map { AuditRow($0, texts) }
        page.content["isEmpty"] = found.events.isEmpty && found.next == nil
        page.content["actor"] = filter.actor ?? ""
        page.content["subject"] = filter.subject ?? ""
        page.content["actions"] = AuditAction.allCases.map {
            FormChoice($0.rawValue, texts("audit_\($0.rawValue)"), isChosen: $0 == filter.action)
        }
        let link = PageLink(
            "audit", [("actor", filter.actor), ("subject", filter.subject), ("action", filter.action?.rawValue)])
        if cursor != nil { page.content["first"] = link.path() }
        page.content["next"] = found.next.map { link.path(before: "\($0)") }
        return .page(page)
    }
}

/// An event in the list.
struct AuditRow {
    let at: ShownTime
    let actor: String
    let action: String
    let subject: String
    /// Where the subject has a page of its own.
    let link: String?
    let address: String
    let userAgent: String
    let before: String?
    let after: String?
    let hasStates: Bool

    init(_ event: AuditRecord, _ texts: Texts) {
        at = ShownTime(event.at)
        actor = event.actor
        // One of a newer program stands for itself.
        action = texts.table["audit_\(event.action)"] ?? event.action
        subject = event.subject
        link = TaskID(event.subject).map { "\(AdminRoute.root)/tasks/\($0)" }
        address = event.address
        userAgent = event.userAgent
        before = event.before
        after = event.after
        hasStates = event.before != nil || event.after != nil
    }
}
