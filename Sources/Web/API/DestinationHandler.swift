import HTTPTypes
import Hummingbird
import MySQL
import Scheduler

/// Answers requests under `/v1/destinations`.
struct DestinationHandler: Sendable {
    let scheduler: any TaskScheduling
    let maxBodyBytes: @Sendable () -> Int

    func list(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request.rawQuery.utf8, accepts: ["cursor", "limit"])
        var faults: [FieldProblem] = []
        let after = query.integer("cursor", 0...Int(Int32.max), &faults) ?? 0
        let limit = query.integer("limit", 1...500, &faults) ?? 50
        if !faults.isEmpty { throw Problem(.malformed, errors: faults) }
        // One more than asked for tells whether there is a next page.
        var destinations = try await scheduler.destinations(after: after, limit: limit + 1)
        let hasMore = destinations.count > limit
        if hasMore { destinations.removeSubrange(limit...) }
        var writer = JSONWriter(capacity: 64 + destinations.count * 512)
        writer.object { writer in
            writer.array("destinations") { writer in
                for destination in destinations { destination.write(to: &writer) }
            }
            writer.member("next_cursor", hasMore ? destinations.last?.id : nil)
        }
        return .json(writer)
    }

    func get(_ reference: String, _ request: Request) async throws -> Response {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        return answer(try await scheduler.destination(reference))
    }

    func put(_ reference: String, _ request: Request) async throws -> Response {
        let settings = try DestinationRecord.Settings(try await request.json(limit: maxBodyBytes()))
        let (destination, isNew) = try await scheduler.setDestination(reference, settings)
        return answer(destination, isNew ? .created : .ok)
    }

    func patch(_ reference: String, _ request: Request) async throws -> Response {
        let document = try await request.json(limit: maxBodyBytes())
        let before = try await scheduler.destination(reference)
        let settings = try DestinationRecord.Settings(document, changing: before.settings)
        return answer(try await scheduler.setDestination(reference, settings).destination)
    }

    func delete(_ reference: String, _ request: Request) async throws -> Response {
        try await request.requireNoContent(limit: maxBodyBytes())
        try await scheduler.deleteDestination(reference)
        return Response(status: .noContent)
    }

    func pause(_ reference: String, _ request: Request) async throws -> Response {
        var faults = FieldFaults()
        var reason = ""
        let content = try await request.content(limit: maxBodyBytes())
        if !content.isEmpty {
            let reader = FieldReader(try request.json(content), at: "", accepts: ["reason"], &faults)
            reason = reader?.string("reason", &faults) ?? ""
            if let problem = faults.problem { throw problem }
        }
        return answer(try await scheduler.pauseDestination(reference, reason: reason))
    }

    func resume(_ reference: String, _ request: Request) async throws -> Response {
        try await request.requireNoContent(limit: maxBodyBytes())
        return answer(try await scheduler.resumeDestination(reference))
    }

    private func answer(_ destination: DestinationRecord, _ status: HTTPResponse.Status = .ok) -> Response {
        var writer = JSONWriter(capacity: 512)
        destination.write(to: &writer)
        return .json(writer, status)
    }
}

extension DestinationRecord.Settings {
    private static let fields = ["max_concurrency", "rate", "burst", "breaker_failures", "notes"]

    /// Reads a document of settings; what is not in it stays as it is, and null takes a limit away.
    init(_ document: JSONValue, changing before: DestinationRecord.Settings = .init()) throws(Problem) {
        self = before
        var faults = FieldFaults()
        if let reader = FieldReader(document, at: "", accepts: Self.fields, &faults) {
            func integer(_ name: String, _ current: inout Int?) {
                guard let value = reader.value(name) else { return }
                if case .null = value { current = nil } else { current = reader.integer(name, &faults) }
            }
            integer("max_concurrency", &maxConcurrency)
            integer("burst", &burst)
            integer("breaker_failures", &breakerFailures)
            switch reader.value("rate") {
            case nil: break
            case .null?: rate = nil
            case .number(let text)?: rate = Double(text)
            case let other?:
                faults.malformed.append(FieldProblem("rate", "must be a number or null, not \(other.kind)"))
            }
            if let text = reader.string("notes", &faults) { notes = text }
        }
        if let problem = faults.problem { throw problem }
    }
}

extension DestinationRecord {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("url", url)
            writer.member("max_concurrency", settings.maxConcurrency)
            if let rate = settings.rate {
                writer.member("rate", number: "\(rate)")
            } else {
                writer.member("rate", Int?.none)
            }
            writer.member("burst", settings.burst)
            writer.member("breaker_failures", settings.breakerFailures)
            writer.member("notes", settings.notes)
            writer.member("paused_at", pausedAt?.rfc3339)
            writer.member("pause_reason", pauseReason)
            writer.member("open_until", openUntil?.rfc3339)
            writer.member("failing_since", failingSince?.rfc3339)
            writer.member("created_at", createdAt.rfc3339)
            writer.member("updated_at", updatedAt.rfc3339)
        }
    }
}
