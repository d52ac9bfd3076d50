import Accounts
import HTTPTypes
import Hummingbird
import MySQL
import Scheduler

/// Answers requests under `/v1/queues`.
struct QueueHandler: Sendable {
    let scheduler: any TaskScheduling
    let maxBodyBytes: @Sendable () -> Int

    func list(_ request: Request) async throws -> Response {
        let query = try NameListQuery(request.rawQuery.utf8)
        let page = try await ListPage(limit: query.limit) { try await scheduler.queues(after: query.cursor, limit: $0) }
        var writer = JSONWriter(capacity: 64 + page.entries.count * 768)
        writer.object { writer in
            writer.array("queues") { writer in
                for queue in page.entries { queue.write(to: &writer) }
            }
            writer.member("next_cursor", page.last?.name)
        }
        return .json(writer)
    }

    func get(_ name: String, _ request: Request) async throws -> Response {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        return answer(try await scheduler.queue(name))
    }

    func create(_ request: Request) async throws -> (QueueStatus, Response) {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        let (name, patch) = try QueuePatch.named(try await request.document(limit: maxBodyBytes()))
        let queue = try await scheduler.createQueue(name, patch)
        var response = answer(queue, .created)
        response.headers[.location] = "/v1/queues/\(name)"
        return (queue, response)
    }

    func change(
        _ name: String, _ request: Request
    ) async throws -> (before: QueueStatus, after: QueueStatus, Response) {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        let patch = try QueuePatch(try await request.document(limit: maxBodyBytes()))
        let before = try await scheduler.queue(name)
        let after = try await scheduler.changeQueue(name, patch)
        return (before, after, answer(after))
    }

    func delete(_ name: String, _ request: Request) async throws -> (before: QueueStatus, Response) {
        try await request.requireNoContent(limit: maxBodyBytes())
        let before = try await scheduler.queue(name)
        try await scheduler.deleteQueue(name)
        return (before, Response(status: .noContent))
    }

    /// - Parameter asker: who wants it, as the audit log calls him.
    func perform(
        _ action: QueueAction, on name: String, by asker: String, _ request: Request
    ) async throws -> Response {
        try await request.requireNoContent(limit: maxBodyBytes())
        switch action {
        case .pause: return answer(try await scheduler.pause(queue: name))
        case .resume: return answer(try await scheduler.resume(queue: name))
        case .purge:
            let operation = try await scheduler.purge(queue: name, by: asker)
            var writer = JSONWriter()
            operation.write(to: &writer)
            // Going on in the background.
            return .json(writer, operation.state == .running ? .accepted : .ok)
        }
    }

    private func answer(_ queue: QueueStatus, _ status: HTTPResponse.Status = .ok) -> Response {
        var writer = JSONWriter(capacity: 1024)
        queue.write(to: &writer)
        return .json(writer, status)
    }
}

extension QueueAction {
    var audit: AuditAction {
        switch self {
        case .pause: .queuePause
        case .resume: .queueResume
        case .purge: .queuePurge
        }
    }
}

extension QueueSettings {
    var auditState: AuditState {
        var writer = JSONWriter()
        writer.object { writeMembers(to: &$0) }
        return AuditState(json: String(decoding: writer.bytes, as: UTF8.self))
    }
}

extension QueueStatus {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("created_at", createdAt.rfc3339)
            writer.member("paused_at", pausedAt?.rfc3339)
            settings.writeMembers(to: &writer)
            writer.member("waiting", waiting.count)
            writer.member("overdue", overdue.count)
            writer.member("claimed", claimed)
            writer.member("running", running)
            writer.member("dead", dead.count)
            writer.member("is_estimate", !(waiting.isExact && overdue.isExact && dead.isExact))
            writer.member("next_due", nextDue?.rfc3339)
            writer.object("recent") { recent.writeMembers(to: &$0) }
        }
    }
}

extension QueueSettings {
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("priority", priority)
        writer.member("weight", weight)
        writer.member("max_concurrency", maxConcurrency)
        if let ratePerSecond {
            writer.member("rate_per_second", number: "\(ratePerSecond)")
        } else {
            writer.member("rate_per_second", Int?.none)
        }
        writer.member("burst", burst)
        writer.object("defaults") { writer in
            if let retry = defaults.retrySchedule {
                writer.object("retry") { writer in
                    writer.member("max_retries", retry.maxRetries)
                    writer.array("delays") { writer in
                        for delay in retry.delays { writer.literal(RetrySchedule.secondsText(delay)) }
                    }
                }
            } else {
                writer.member("retry", Int?.none)
            }
            writer.member("timeout_ms", defaults.timeout.map { Int($0.microseconds / 1000) })
            if let success = defaults.successRule {
                success.write(to: &writer)
            } else {
                writer.member("success", Int?.none)
            }
        }
    }
}
