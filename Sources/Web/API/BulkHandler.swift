import Accounts
import Hummingbird
import MySQL
import Scheduler

/// Answers requests about dead letters and operations on many tasks.
struct BulkHandler: Sendable {
    let scheduler: any TaskScheduling
    let caller: Caller
    let tasks: TaskHandler

    // MARK: Dead letters

    func deadLetters(_ request: Request) async throws -> Response {
        let parameters = try QueryParameters(
            request.rawQuery.utf8, accepts: ["queue", "host", "reason", "from", "to", "cursor", "limit"])
        var faults: [FieldProblem] = []
        var filter = DeadLetterFilter()
        filter.queue = parameters["queue"]
        filter.host = parameters["host"]
        filter.reason = parameters["reason"]
        filter.from = parameters.time("from", &faults)
        filter.to = parameters.time("to", &faults)
        let limit = parameters.integer("limit", TaskListQuery.limits, &faults) ?? 50
        var cursor: DeadLetterCursor?
        if let text = parameters["cursor"] {
            cursor = DeadLetterCursor(text)
            if cursor == nil { faults.append(FieldProblem("cursor", "must be the next_cursor of an earlier answer")) }
        }
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
        let page: DeadLetterPage
        do {
            page = try await scheduler.deadLetters(filter, before: cursor, limit: limit)
        } catch let error as ValidationError {
            throw Problem(.malformed, errors: error.problems)
        }
        var writer = JSONWriter(capacity: 64 + page.letters.count * 300)
        writer.object { writer in
            writer.array("dead_letters") { writer in
                for letter in page.letters { letter.write(to: &writer) }
            }
            writer.member("next_cursor", page.next?.description)
        }
        return .json(writer)
    }

    /// - Returns: what was begun, if anything was, and the answer.
    func retryDeadLetters(_ request: Request) async throws -> (BulkOperation?, Response) {
        var faults = FieldFaults()
        var filter = DeadLetterFilter()
        var order = BulkOrder()
        let document = try await tasks.document(request)
        if let reader = FieldReader(document, at: "", accepts: ["filter", "per_second", "dry_run"], &faults) {
            order = BulkOrder(reader, &faults)
            if let value = reader.value("filter"),
                let fields = FieldReader(
                    value, at: "filter", accepts: ["queue", "host", "reason", "from", "to"], &faults)
            {
                filter.queue = fields.string("queue", &faults)
                filter.host = fields.string("host", &faults)
                filter.reason = fields.string("reason", &faults)
                filter.from = fields.time("from", &faults)
                filter.to = fields.time("to", &faults)
            }
        }
        if let problem = faults.problem { throw problem }
        if order.isDryRun { return (nil, answer(try await scheduler.countDeadLetters(filter))) }
        let operation = try await scheduler.startBulkRetry(filter, perSecond: order.perSecond, by: caller.name)
        return (operation, answer(operation, .accepted))
    }

    // MARK: Tasks

    /// - Returns: what was begun, if anything was, and the answer.
    func bulk(_ request: Request) async throws -> (BulkOperation?, Response) {
        var faults = FieldFaults()
        var filter = TaskFilter()
        var order = BulkOrder()
        var action: BulkAction?
        let document = try await tasks.document(request)
        let accepted = ["action", "filter", "plan_time", "per_second", "dry_run"]
        if let reader = FieldReader(document, at: "", accepts: accepted, &faults) {
            order = BulkOrder(reader, &faults)
            action = BulkAction(reader, &faults)
            if let value = reader.value("filter") {
                filter = TaskFilter(value, &faults)
            } else {
                faults.malformed.append(
                    FieldProblem("filter", "is missing; an empty object means all tasks that the action can be done to")
                )
            }
        }
        if let problem = faults.problem { throw problem }
        guard let action else { throw Problem(.malformed, field: "action", "is missing") }
        if order.isDryRun { return (nil, answer(try await scheduler.countTasks(action, filter))) }
        let operation = try await scheduler.startBulk(action, filter, perSecond: order.perSecond, by: caller.name)
        return (operation, answer(operation, .accepted))
    }

    // MARK: Operations

    func list(_ request: Request) async throws -> Response {
        let parameters = try QueryParameters(request.rawQuery.utf8, accepts: ["cursor", "limit"])
        var faults: [FieldProblem] = []
        let limit = parameters.integer("limit", TaskListQuery.limits, &faults) ?? 50
        let cursor = parameters.integer("cursor", 1...Int.max, &faults).map { BulkOperation.ID($0) }
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
        let page = try await ListPage(limit: limit) { try await scheduler.bulkOperations(before: cursor, limit: $0) }
        var writer = JSONWriter(capacity: 64 + page.entries.count * 400)
        writer.object { writer in
            writer.array("operations") { writer in
                for operation in page.entries { operation.write(to: &writer) }
            }
            writer.member("next_cursor", page.last.map { "\($0.id)" })
        }
        return .json(writer)
    }

    func get(_ id: BulkOperation.ID, _ request: Request) async throws -> Response {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        guard let operation = try await scheduler.bulkOperation(id) else { throw SchedulerError.unknownOperation(id) }
        return answer(operation)
    }

    func cancel(_ id: BulkOperation.ID, _ request: Request) async throws -> Response {
        try await tasks.requireNoFields(request, "cancel")
        return answer(try await scheduler.cancelBulkOperation(id))
    }

    private func answer(_ operation: BulkOperation, _ status: HTTPResponse.Status = .ok) -> Response {
        var writer = JSONWriter(capacity: 512)
        operation.write(to: &writer)
        var response = Response.json(writer, status)
        if status == .accepted { response.headers[.location] = "/v1/bulk-operations/\(operation.id)" }
        return response
    }

    private func answer(_ count: Estimate) -> Response {
        var writer = JSONWriter(capacity: 64)
        writer.object { writer in
            writer.member("count", count.count)
            writer.member("is_exact", count.isExact)
        }
        return .json(writer)
    }
}

/// How fast something is done to many tasks, or whether it is done at all.
private struct BulkOrder {
    var perSecond = 100
    var isDryRun = false

    init() {}

    init(_ reader: FieldReader, _ faults: inout FieldFaults) {
        if let rate = reader.integer("per_second", &faults) {
            perSecond = rate
            if !BulkOperation.rates.contains(rate) {
                faults.refused.append(FieldProblem("per_second", "must be between 1 and 1000"))
            }
        }
        isDryRun = reader.flag("dry_run", &faults) ?? false
    }
}

extension BulkAction {
    fileprivate init?(_ reader: FieldReader, _ faults: inout FieldFaults) {
        let time = reader.time("plan_time", &faults)
        guard let name = reader.string("action", &faults) else {
            if reader.value("action") == nil {
                faults.malformed.append(FieldProblem("action", "is missing; cancel, retry or reschedule is needed"))
            }
            return nil
        }
        switch (name, time) {
        case ("cancel", nil): self = .cancel
        case ("retry", nil): self = .retry
        case ("reschedule", let time?): self = .reschedule(time)
        case ("reschedule", nil):
            if reader.value("plan_time") == nil {
                faults.refused.append(FieldProblem("plan_time", "is missing; reschedule needs it"))
            }
            return nil
        case ("cancel", _), ("retry", _):
            faults.refused.append(FieldProblem("plan_time", "is for the action reschedule only"))
            return nil
        default:
            faults.refused.append(FieldProblem("action", "must be one of cancel, retry, reschedule"))
            return nil
        }
    }
}

extension TaskFilter {
    fileprivate init(_ value: JSONValue, _ faults: inout FieldFaults) {
        self.init()
        let accepted = ["state", "queue", "host", "label", "from", "to"]
        guard let reader = FieldReader(value, at: "filter", accepts: accepted, &faults) else { return }
        if let text = reader.string("state", &faults) {
            state = TaskState(rawValue: text)
            if state == nil {
                let states = TaskState.allCases.map(\.rawValue).joined(separator: ", ")
                faults.refused.append(FieldProblem("filter.state", "must be one of \(states)"))
            }
        }
        queue = reader.string("queue", &faults)
        if queue?.isEmpty == true { faults.refused.append(FieldProblem("filter.queue", "must not be empty")) }
        host = reader.string("host", &faults)
        if let host, !TaskFilter.isHost(host) {
            faults.refused.append(
                FieldProblem("filter.host", "must be a host as in a URL, with its port if the URL names one"))
        }
        if let text = reader.string("label", &faults) {
            label = TaskFilter.Label(text)
            if label == nil {
                faults.refused.append(
                    FieldProblem(
                        "filter.label",
                        "must be a name of 1 to 64 letters, digits, dots, dashes or underscores, or name=value"))
            }
        }
        from = reader.time("from", &faults)
        to = reader.time("to", &faults)
    }
}

extension FieldReader {
    func flag(_ name: String, _ faults: inout FieldFaults) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value else {
            faults.malformed.append(FieldProblem(path(name), "must be true or false, not \(value.kind)"))
            return nil
        }
        return flag
    }
}

extension DeadLetterSummary {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id.description)
            writer.member("queue", queue)
            writer.member("died_at", diedAt.rfc3339)
            writer.member("reason", reason)
            writer.member("expired", isExpired)
            writer.member("method", method)
            writer.member("url", url)
            writer.member("attempts", attempts)
            writer.member("plan_time", planTime.rfc3339)
            writer.object("labels") { writer in
                for (name, value) in labels.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
            }
        }
    }
}

extension BulkOperation {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", number: "\(id)")
            writer.member("action", kind.action)
            writer.member("of", kind == .retry ? "dead_letters" : "tasks")
            writer.member("state", state.rawValue)
            writer.member("problem", problem)
            writer.object("filter") { writer in
                for (name, value) in shownFilter { if let value { writer.member(name, value) } }
            }
            writer.member("plan_time", planTime?.rfc3339)
            writer.member("per_second", perSecond)
            writer.member("requested_by", requestedBy)
            writer.member("total", total.count)
            writer.member("total_is_exact", total.isExact)
            writer.member("done", done)
            writer.member("skipped", skipped)
            writer.member("failed", failed)
            writer.member("created_at", createdAt.rfc3339)
            writer.member("updated_at", updatedAt.rfc3339)
            writer.member("finished_at", finishedAt?.rfc3339)
        }
    }

    private var shownFilter: [(String, String?)] {
        if kind == .retry || kind == .purge {
            return [
                ("queue", filter.queue), ("host", filter.host), ("reason", filter.reason),
                ("from", filter.from?.rfc3339), ("to", filter.to?.rfc3339),
            ]
        }
        let label = tasks.label.map { label in label.value.map { "\(label.key)=\($0)" } ?? label.key }
        return [
            ("state", tasks.state?.rawValue), ("queue", tasks.queue), ("host", tasks.host), ("label", label),
            ("from", tasks.from?.rfc3339), ("to", tasks.to?.rfc3339),
        ]
    }
}

extension BulkOperation {
    /// What its start is in the audit log.
    var audit: AuditAction {
        switch kind {
        case .retry, .retryTasks: .taskRetryMany
        case .cancelTasks: .taskCancelMany
        case .rescheduleTasks: .taskRescheduleMany
        case .purge: .queuePurge
        }
    }

    var auditState: AuditState {
        var writer = JSONWriter(capacity: 512)
        write(to: &writer)
        return AuditState(json: String(decoding: writer.bytes, as: UTF8.self))
    }
}

extension BulkOperation.Kind {
    fileprivate var action: String {
        switch self {
        case .retry, .retryTasks: "retry"
        case .purge: "purge"
        case .cancelTasks: "cancel"
        case .rescheduleTasks: "reschedule"
        }
    }
}
