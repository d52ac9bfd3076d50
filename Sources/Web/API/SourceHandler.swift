import HTTPTypes
import Hummingbird
import MySQL
import Scheduler

/// Answers requests under `/v1/sources` and `/v1/quarantine`.
struct SourceHandler: Sendable {
    let scheduler: any TaskScheduling
    let maxBodyBytes: @Sendable () -> Int

    func list(_ request: Request) async throws -> Response {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        let sources = await scheduler.sources()
        var writer = JSONWriter()
        writer.object { writer in
            writer.array("sources") { writer in
                for source in sources { source.write(to: &writer) }
            }
        }
        return .json(writer)
    }

    func quarantine(_ request: Request) async throws -> Response {
        let query = try QuarantineQuery(request.rawQuery.utf8)
        let page = try await ListPage(limit: query.limit) {
            try await scheduler.quarantined(before: query.cursor, limit: $0)
        }
        var writer = JSONWriter(capacity: 64 + page.entries.count * 1024)
        writer.object { writer in
            writer.array("messages") { writer in
                for message in page.entries { message.write(to: &writer) }
            }
            writer.member("next_cursor", page.last?.id.description)
        }
        return .json(writer)
    }

    func quarantined(_ id: TaskID, _ request: Request) async throws -> Response {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        var writer = JSONWriter()
        try await scheduler.quarantined(id).write(to: &writer)
        return .json(writer)
    }

    func retry(_ id: TaskID, _ request: Request) async throws -> Response {
        try await request.requireNoContent(limit: maxBodyBytes())
        var writer = JSONWriter(capacity: 768)
        try await scheduler.retryQuarantined(id).write(to: &writer)
        return .json(writer, .created)
    }

    func delete(_ id: TaskID, _ request: Request) async throws -> Response {
        try await request.requireNoContent(limit: maxBodyBytes())
        try await scheduler.deleteQuarantined(id)
        return Response(status: .noContent)
    }
}

extension SourceStatus {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("key", key)
            writer.member("kind", kind)
            writer.member("depth", depth)
            writer.member("moved", moved)
            writer.member("lag_ms", lag.map { Int($0.microseconds / 1000) })
            writer.member("problem", problem)
        }
    }
}

extension QuarantinedMessage {
    fileprivate func write(to writer: inout JSONWriter) {
        let size = size ?? 0
        let content = Content(message, isCut: (message?.count ?? 0) < size)
        writer.object { writer in
            writer.member("id", id.description)
            writer.member("source", source)
            writer.member("reason", reason)
            writer.member("received_at", receivedAt.rfc3339)
            if let score { writer.member("score", number: "\(score)") } else { writer.member("score", Int?.none) }
            writer.member("message", content.text)
            writer.member("message_encoding", content.encoding)
            writer.member("message_bytes", size)
        }
    }
}
