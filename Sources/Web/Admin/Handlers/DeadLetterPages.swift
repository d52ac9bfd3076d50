import Accounts
import HTTPTypes
import MySQL
import Scheduler

/// Tasks that failed for good, and their retry in bulk.
struct DeadLetterPages: Sendable {
    let services: AdminServices

    private static let pageSize = 50
    private static let path = AdminRoute.root + "/dead-letters"

    func list(_ visit: Visit) async throws -> Reply {
        let texts = visit.texts
        let search = DeadLetterSearch(visit.query)
        var page = Page("dead_letters", texts("dead_letters"), .deadLetters, search.view)
        page.content["operations"] = try await services.scheduler.bulkOperations(limit: 5).map {
            OperationRow($0, texts)
        }
        page.content["problems"] = search.problems.map(ShownProblem.init)
        guard search.problems.isEmpty else {
            page.status = .badRequest
            return .page(page)
        }
        let found = try await services.scheduler.deadLetters(
            search.filter, before: search.cursor, limit: Self.pageSize)
        page.content["rows"] = found.letters.map { DeadLetterRow($0) }
        page.content["isEmpty"] = found.letters.isEmpty && found.next == nil
        page.content["searchedTo"] = found.searchedTo.map(ShownTime.init)
        if search.cursor != nil { page.content["first"] = search.path() }
        page.content["next"] = found.next.map { search.path(before: $0.description) }
        page.content["retryPath"] = search.path(to: "dead-letters/retry")
        return .page(page)
    }

    /// What a retry in bulk would do.
    func preview(_ visit: Visit) async throws -> Reply {
        .page(try await preview(DeadLetterSearch(visit.query), visit))
    }

    private func preview(_ search: DeadLetterSearch, _ visit: Visit, _ problem: FieldProblem? = nil) async throws
        -> Page
    {
        var page = Page(
            "bulk_retry", visit.texts("bulk_retry"), .deadLetters, status: problem == nil ? .ok : .unprocessableContent,
            search.view)
        let problems = search.problems + (problem.map { [$0] } ?? [])
        page.content["problems"] = problems.map(ShownProblem.init)
        if search.problems.isEmpty {
            let count = try await services.scheduler.countDeadLetters(search.filter)
            page.content["count"] = visit.texts.number(count)
            page.content["isEstimate"] = !count.isExact
        }
        page.content["rate"] = visit.form["rate"] ?? "50"
        page.content["back"] = search.path()
        return page
    }

    func retry(_ visit: Visit) async throws -> Reply {
        let search = DeadLetterSearch(visit.form)
        guard search.problems.isEmpty else { return .page(try await preview(search, visit)) }
        guard let rate = Int(visit.form["rate"] ?? ""), (1...1000).contains(rate) else {
            let problem = FieldProblem("rate", "must be a whole number, 1 to 1000 a second")
            return .page(try await preview(search, visit, problem))
        }
        let operation = try await services.scheduler.startBulkRetry(
            search.filter, perSecond: rate, by: visit.signedIn?.user.profile.name ?? "")
        await services.note(.taskRetryMany, on: "\(operation.id)", visit, nil, search.auditState(rate))
        return .redirect("\(AdminRoute.root)/operations/\(operation.id)")
    }

    // MARK: Operations

    func operation(_ id: String, _ visit: Visit) async throws -> Reply {
        var page = Page("operation", visit.texts("operation"), .deadLetters)
        page.content["operation"] = OperationRow(try await found(id), visit.texts)
        return .page(page)
    }

    func cancel(_ id: String, _ visit: Visit) async throws -> Reply {
        let operation = try await services.scheduler.cancelBulkOperation(try await found(id).id)
        await services.note(.taskRetryManyCancel, on: "\(operation.id)", visit)
        return .redirect("\(AdminRoute.root)/operations/\(operation.id)", .operationCancelled)
    }

    private func found(_ id: String) async throws -> BulkOperation {
        guard let number = BulkOperation.ID(id), let operation = try await services.scheduler.bulkOperation(number)
        else { throw Problem(.notFound, "there is no operation \(Problem.shortened(id))") }
        return operation
    }
}

/// A dead letter in the list.
struct DeadLetterRow {
    let id: String
    let queue: String
    let died: ShownTime
    let reason: String
    let method: String
    let url: String
    let attempts: Int

    init(_ letter: DeadLetterSummary) {
        id = letter.id.description
        queue = letter.queue
        died = ShownTime(letter.diedAt)
        reason = letter.reason
        method = letter.method
        url = SecretMask.masked(url: letter.url)
        attempts = letter.attempts
    }
}

/// An operation on many tasks, and how far it is.
struct OperationRow {
    let id: String
    let state: String
    let stateText: String
    let total: String
    let done: String
    let skipped: String
    let failed: String
    let percent: Int
    let perSecond: Int
    let requestedBy: String
    let created: ShownTime
    let finished: ShownTime?
    let isRunning: Bool
    let isPurge: Bool

    init(_ operation: BulkOperation, _ texts: Texts) {
        id = "\(operation.id)"
        state = operation.state.rawValue
        stateText = texts("operation_\(operation.state.rawValue)")
        total = texts.number(operation.total)
        done = texts.number(operation.done)
        skipped = texts.number(operation.skipped)
        failed = texts.number(operation.failed)
        let worked = operation.done + operation.skipped + operation.failed
        let isDone = operation.state == .done
        percent = isDone ? 100 : min(99, worked * 100 / max(1, operation.total.count))
        perSecond = operation.perSecond
        requestedBy = operation.requestedBy
        created = ShownTime(operation.createdAt)
        finished = operation.finishedAt.map(ShownTime.init)
        isRunning = operation.state == .running
        isPurge = operation.kind == .purge
    }
}
