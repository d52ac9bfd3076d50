import Accounts
import HTTPTypes
import MySQL
import Scheduler

/// Messages from Redis that cannot become tasks as they are.
struct QuarantinePages: Sendable {
    let services: AdminServices

    private static let pageSize = 50
    private static let path = AdminRoute.root + "/quarantine"

    func list(_ visit: Visit) async throws -> Reply {
        let cursor = visit.query["before"].flatMap { TaskID($0) }
        let found = try await ListPage(limit: Self.pageSize) {
            try await services.scheduler.quarantined(before: cursor, limit: $0)
        }
        var page = Page("quarantine", visit.texts("quarantine"), .quarantine)
        page.content["rows"] = found.entries.map { QuarantineRow($0) }
        page.content["isEmpty"] = found.entries.isEmpty
        if cursor != nil { page.content["first"] = Self.path }
        if let last = found.last { page.content["next"] = "\(Self.path)?before=\(last.id)" }
        return .page(page)
    }

    func show(_ id: TaskID, _ visit: Visit) async throws -> Reply {
        .page(page(try await services.scheduler.quarantined(id), visit))
    }

    private func page(_ message: QuarantinedMessage, _ visit: Visit, _ problems: [FieldProblem] = []) -> Page {
        var page = Page(
            "quarantined", visit.texts("quarantined_message"), .quarantine,
            status: problems.isEmpty ? .ok : .unprocessableContent)
        page.content["message"] = QuarantineRow(message)
        page.content["content"] = message.message.map {
            ShownContent($0, isCut: $0.count < (message.size ?? 0))
        }
        page.content["problems"] = problems.map(ShownProblem.init)
        return page
    }

    func decide(_ id: TaskID, _ decision: AdminRoute.Decision, _ visit: Visit) async throws -> Reply {
        let message = try await services.scheduler.quarantined(id)
        switch decision {
        case .retry:
            do {
                let task = try await services.scheduler.retryQuarantined(id)
                await services.note(.quarantineRetry, on: id.description, visit, message.auditState, task.auditState)
                return .redirect("\(AdminRoute.root)/tasks/\(task.id)", .messageRetried)
            } catch let error as ValidationError {
                return .page(page(message, visit, error.problems))
            }
        case .delete:
            try await services.scheduler.deleteQuarantined(id)
            await services.note(.quarantineDiscard, on: id.description, visit, message.auditState, nil)
            return .redirect(Self.path, .messageDeleted)
        }
    }
}

/// A message in the list.
struct QuarantineRow {
    let id: String
    let source: String
    let reason: String
    let received: ShownTime
    let size: Int

    init(_ message: QuarantinedMessage) {
        id = message.id.description
        source = message.source
        reason = message.reason
        received = ShownTime(message.receivedAt)
        size = message.size ?? 0
    }
}

extension QuarantinedMessage {
    /// As the audit log keeps it: JSON, with the beginning of the message.
    fileprivate var auditState: AuditState {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("source", source)
            writer.member("reason", reason)
            writer.member("received_at", receivedAt.rfc3339)
            writer.member("message", message.flatMap { Content(Array($0.prefix(1024)), isCut: $0.count > 1024).text })
        }
        return AuditState(json: String(decoding: writer.bytes, as: UTF8.self))
    }
}
