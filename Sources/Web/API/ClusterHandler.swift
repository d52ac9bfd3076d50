import Accounts
import Hummingbird
import MySQL
import Scheduler

/// Answers requests about the instances of the cluster and about who did what.
struct ClusterHandler: Sendable {
    let scheduler: any TaskScheduling
    /// nil: this instance has no connection for it.
    let audit: AuditLog?

    func instances(_ request: Request) async throws -> Response {
        let parameters = try QueryParameters(request.rawQuery.utf8, accepts: ["cursor", "limit"])
        var faults: [FieldProblem] = []
        let limit = parameters.integer("limit", TaskListQuery.limits, &faults) ?? 50
        let cursor = parameters["cursor"].flatMap(InstanceCursor.init)
        if cursor == nil, parameters["cursor"] != nil {
            faults.append(FieldProblem("cursor", QueryParameters.foreignCursor))
        }
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
        let (now, found) = try await scheduler.instances(after: cursor, limit: limit + 1)
        let page = ListPage(found, limit: limit)
        var writer = JSONWriter(capacity: 64 + page.entries.count * 300)
        writer.object { writer in
            writer.member("now", now.rfc3339)
            writer.array("instances") { writer in
                for instance in page.entries { instance.write(to: &writer, now) }
            }
            writer.member("next_cursor", page.last.map { "\(InstanceCursor(after: $0))" })
        }
        return .json(writer)
    }

    func auditEvents(_ request: Request) async throws -> Response {
        let parameters = try QueryParameters(
            request.rawQuery.utf8, accepts: ["actor", "action", "subject", "from", "to", "cursor", "limit"])
        var faults: [FieldProblem] = []
        var filter = AuditFilter()
        filter.actor = parameters["actor"]
        filter.subject = parameters["subject"]
        for (name, value) in [("actor", filter.actor), ("subject", filter.subject)] {
            if let value, !(1...190).contains(value.unicodeScalars.count) {
                faults.append(FieldProblem(name, "must have 1 to 190 characters"))
            }
        }
        if let text = parameters["action"] {
            filter.action = AuditAction(rawValue: text)
            if filter.action == nil {
                let actions = AuditAction.allCases.map(\.rawValue).joined(separator: ", ")
                faults.append(FieldProblem("action", "must be one of \(actions)"))
            }
        }
        filter.from = parameters.time("from", &faults)
        filter.to = parameters.time("to", &faults)
        let cursor = parameters.integer("cursor", 1...Int.max, &faults).map { UInt64($0) }
        let limit = parameters.integer("limit", TaskListQuery.limits, &faults) ?? 50
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
        guard let audit else { throw Problem(.unavailable, "this instance does not read the audit log") }
        let page: AuditPage
        do {
            page = try await audit.events(filter, before: cursor, limit: limit)
        } catch let error as MySQLError where error.isTransient {
            throw SchedulerError.unavailable("the database cannot be reached now", retryAfter: .seconds(2))
        }
        var writer = JSONWriter(capacity: 64 + page.events.count * 400)
        writer.object { writer in
            writer.array("events") { writer in
                for event in page.events { event.write(to: &writer) }
            }
            writer.member("next_cursor", page.next.map { "\($0)" })
        }
        return .json(writer)
    }
}

extension InstanceStatus {
    fileprivate func write(to writer: inout JSONWriter, _ now: Timestamp) {
        writer.object { writer in
            writer.member("incarnation", number: "\(incarnation)")
            writer.member("name", name)
            writer.member("version", version)
            writer.member("state", endedAt != nil ? "ended" : leaseUntil > now ? "alive" : "silent")
            writer.member("started_at", startedAt.rfc3339)
            writer.member("heartbeat_at", heartbeatAt.rfc3339)
            writer.member("lease_until", leaseUntil.rfc3339)
            writer.member("ended_at", endedAt?.rfc3339)
            writer.member("claimed", claimed)
            writer.member("running", running)
            writer.member("is_own", isOwn)
        }
    }
}

extension AuditRecord {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", number: "\(id)")
            writer.member("at", at.rfc3339)
            writer.member("actor", actor)
            writer.member("address", address)
            writer.member("user_agent", userAgent)
            writer.member("action", action)
            writer.member("subject", subject)
            if let before { writer.member("before", json: before) } else { writer.member("before", JSONValue.null) }
            if let after { writer.member("after", json: after) } else { writer.member("after", JSONValue.null) }
        }
    }
}
