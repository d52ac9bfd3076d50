import Accounts
import HTTPTypes
import MySQL
import Scheduler

/// Queues, their settings, and what can be done to all that is in one.
struct QueuePages: Sendable {
    let services: AdminServices

    private static let pageSize = 100
    private static let path = AdminRoute.root + "/queues"

    private static func path(_ name: String) -> String { "\(path)/\(QueryEscape.encode(name))" }

    func list(_ visit: Visit) async throws -> Reply {
        .page(try await list(visit, [], name: ""))
    }

    private func list(_ visit: Visit, _ problems: [FieldProblem], name: String) async throws -> Page {
        var page = Page(
            "queues", visit.texts("queues"), .queues, status: problems.isEmpty ? .ok : .unprocessableContent)
        let cursor = visit.query["before"] ?? ""
        let found = try await ListPage(limit: Self.pageSize) {
            try await services.scheduler.queues(after: cursor.isName(limit: 100) ? cursor : "", limit: $0)
        }
        page.content["rows"] = found.entries.map { QueueRow($0, visit.texts) }
        page.content["isEmpty"] = found.entries.isEmpty && cursor.isEmpty
        let link = PageLink("queues", [])
        if !cursor.isEmpty { page.content["first"] = link.path() }
        if let last = found.last { page.content["next"] = link.path(before: last.name) }
        page.content["problems"] = problems.map(ShownProblem.init)
        page.content["newName"] = name
        return page
    }

    /// Makes one without settings, and leads to them.
    func add(_ visit: Visit) async throws -> Reply {
        let name = visit.form["name"] ?? ""
        do {
            let queue = try await services.scheduler.createQueue(name, QueuePatch())
            await services.note(.queueAdd, on: name, visit, nil, queue.settings.auditState)
            return .redirect(Self.path(name), .queueAdded)
        } catch let error as ValidationError {
            return .page(try await list(visit, error.problems, name: name))
        }
    }

    func show(_ name: String, _ visit: Visit) async throws -> Reply {
        let queue = try await services.scheduler.queue(name)
        return .page(page(queue, QueueForm(queue.settings), [], visit))
    }

    private func page(_ queue: QueueStatus, _ form: QueueForm, _ problems: [FieldProblem], _ visit: Visit) -> Page {
        var page = Page(
            "queue", "\(visit.texts("queue")) \(queue.name)", .queues,
            status: problems.isEmpty ? .ok : .unprocessableContent)
        page.content["row"] = QueueRow(queue, visit.texts)
        page.content["isLive"] = problems.isEmpty
        page.content["form"] = form
        page.content["rules"] = form.rules(visit.texts)
        page.content["problems"] = problems.map(ShownProblem.init)
        return page
    }

    func save(_ name: String, _ visit: Visit) async throws -> Reply {
        let before = try await services.scheduler.queue(name)
        let form = QueueForm(visit.form)
        do {
            let after = try await services.scheduler.changeQueue(name, try form.patch())
            await services.note(.queueEdit, on: name, visit, before.settings.auditState, after.settings.auditState)
            return .redirect(Self.path(name), .queueChanged)
        } catch let error as ValidationError {
            return .page(page(before, form, error.problems, visit))
        }
    }

    func change(_ name: String, _ change: AdminRoute.QueueChange, _ visit: Visit) async throws -> Reply {
        switch change {
        case .pause:
            _ = try await services.scheduler.pause(queue: name)
            await services.note(.queuePause, on: name, visit)
            return .redirect(Self.path, .queuePaused)
        case .resume:
            _ = try await services.scheduler.resume(queue: name)
            await services.note(.queueResume, on: name, visit)
            return .redirect(Self.path, .queueResumed)
        case .purge:
            let operation = try await services.scheduler.purge(
                queue: name, by: visit.signedIn?.user.profile.name ?? "")
            await services.note(.queuePurge, on: name, visit, nil, AuditState(["operation": "\(operation.id)"]))
            return .redirect("\(AdminRoute.root)/operations/\(operation.id)")
        case .delete:
            let before = try await services.scheduler.queue(name)
            try await services.scheduler.deleteQueue(name)
            await services.note(.queueDelete, on: name, visit, before.settings.auditState, nil)
            return .redirect(Self.path, .queueDeleted)
        }
    }
}

/// A queue in the list.
struct QueueRow {
    let name: String
    let path: String
    let paused: ShownTime?
    let waiting: String
    let overdue: String
    let hasOverdue: Bool
    let claimed: String
    let running: String
    let dead: String
    let nextDue: ShownTime?
    /// Limits, class and weight, where they are not as everywhere.
    let rules: String?
    let recent: RecentCallsView

    init(_ queue: QueueStatus, _ texts: Texts) {
        name = queue.name
        path = QueryEscape.encode(queue.name)
        paused = queue.pausedAt.map(ShownTime.init)
        waiting = texts.number(queue.waiting)
        overdue = texts.number(queue.overdue)
        hasOverdue = queue.overdue.count > 0
        claimed = texts.number(queue.claimed)
        running = texts.number(queue.running)
        dead = texts.number(queue.dead)
        nextDue = queue.nextDue.map(ShownTime.init)
        let settings = queue.settings
        var rules: [String] = []
        if let most = settings.maxConcurrency { rules.append("\(texts("at_once")) ≤ \(most)") }
        if let rate = settings.ratePerSecond { rules.append("≤ \(rate)/s") }
        if settings.priority != 0 { rules.append("\(texts("priority")) \(settings.priority)") }
        if settings.weight != 1 { rules.append("\(texts("weight")) \(settings.weight)") }
        recent = RecentCallsView(queue.recent, texts)
        self.rules = rules.isEmpty ? nil : rules.joined(separator: ", ")
    }
}
