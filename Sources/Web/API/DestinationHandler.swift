import HTTPTypes
import Hummingbird
import MySQL
import Scheduler

/// Answers requests under `/v1/destinations`.
struct DestinationHandler: Sendable {
    let destinations: any DestinationKeeping
    let maxBodyBytes: @Sendable () -> Int

    func list(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request.rawQuery.utf8, accepts: ["cursor", "limit"])
        var faults: [FieldProblem] = []
        let after = query.integer("cursor", 0...Int(Int32.max), &faults) ?? 0
        let limit = query.integer("limit", 1...500, &faults) ?? 50
        if !faults.isEmpty { throw Problem(.malformed, errors: faults) }
        let page = try await ListPage(limit: limit) { try await destinations.destinations(after: after, limit: $0) }
        var writer = JSONWriter(capacity: 64 + page.entries.count * 768)
        writer.object { writer in
            writer.array("destinations") { writer in
                for destination in page.entries { destination.write(to: &writer) }
            }
            writer.member("next_cursor", page.last?.id)
        }
        return .json(writer)
    }

    func get(_ reference: String, _ request: Request) async throws -> Response {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        return answer(try await destinations.destination(reference))
    }

    /// PUT sets all, PATCH what is given.
    func set(_ reference: String, _ request: Request) async throws -> (DestinationRecord, Response) {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        let document = try await request.document(limit: maxBodyBytes())
        var before = DestinationRecord.Settings()
        if request.method == .patch { before = try await destinations.destination(reference).settings }
        let settings = try DestinationRecord.Settings(document, changing: before)
        let (destination, isNew) = try await destinations.setDestination(reference, settings)
        return (destination, answer(destination, isNew ? .created : .ok))
    }

    func delete(_ reference: String, _ request: Request) async throws -> (DestinationRecord, Response) {
        try await request.requireNoContent(limit: maxBodyBytes())
        let before = try await destinations.destination(reference)
        try await destinations.deleteDestination(reference)
        return (before, Response(status: .noContent))
    }

    func pause(_ reference: String, _ request: Request) async throws -> (url: String, response: Response) {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        var faults = FieldFaults()
        var reason = ""
        let content = try await request.content(limit: maxBodyBytes())
        if !content.isEmpty {
            let reader = FieldReader(try request.document(in: content), at: "", accepts: ["reason"], &faults)
            reason = reader?.string("reason", &faults) ?? ""
            if let problem = faults.problem { throw problem }
        }
        return told(try await destinations.pauseDestination(reference, reason: reason))
    }

    func resume(_ reference: String, _ request: Request) async throws -> (url: String, response: Response) {
        try await request.requireNoContent(limit: maxBodyBytes())
        return told(try await destinations.resumeDestination(reference))
    }

    /// Makes one call to it, now.
    func test(_ reference: String, _ request: Request) async throws -> (url: String, response: Response) {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        var call = TestCall()
        let content = try await request.content(limit: maxBodyBytes())
        if !content.isEmpty { call = try TestCall(try request.document(in: content)) }
        let result = try await destinations.testDestination(reference, call)
        var writer = JSONWriter(capacity: 512 + result.response.count)
        result.write(to: &writer)
        return (SecretMask.masked(url: result.url), .json(writer))
    }

    /// The only answer that has a secret.
    func addSecret(_ reference: String, _ request: Request) async throws -> (url: String, response: Response) {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        var text: String?
        let content = try await request.content(limit: maxBodyBytes())
        if !content.isEmpty {
            var faults = FieldFaults()
            text = FieldReader(try request.document(in: content), at: "", accepts: ["secret"], &faults)?
                .string("secret", &faults)
            if let problem = faults.problem { throw problem }
        }
        let (destination, secret) = try await destinations.addDestinationSecret(reference, text)
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.member("secret", secret)
            writer.object("destination") { destination.writeMembers(to: &$0) }
        }
        var response = Response.json(writer, .created)
        response.headers[.cacheControl] = "no-store"
        return (destination.url, response)
    }

    func dropSecret(_ reference: String, _ request: Request) async throws -> (url: String, response: Response) {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        var all = false
        let content = try await request.content(limit: maxBodyBytes())
        if !content.isEmpty {
            var faults = FieldFaults()
            let reader = FieldReader(try request.document(in: content), at: "", accepts: ["all"], &faults)
            switch reader?.value("all") {
            case nil: break
            case .bool(let flag)?: all = flag
            case let other?: faults.malformed.append(FieldProblem("all", "must be true or false, not \(other.kind)"))
            }
            if let problem = faults.problem { throw problem }
        }
        return told(try await destinations.dropDestinationSecrets(reference, all: all))
    }

    private func told(_ destination: DestinationRecord) -> (url: String, response: Response) {
        (destination.url, answer(destination))
    }

    private func answer(_ destination: DestinationRecord, _ status: HTTPResponse.Status = .ok) -> Response {
        var writer = JSONWriter(capacity: 768)
        destination.write(to: &writer)
        return .json(writer, status)
    }
}

extension TestCall {
    fileprivate init(_ document: JSONValue) throws(Problem) {
        self.init()
        var faults = FieldFaults()
        if let reader = FieldReader(document, at: "", accepts: ["method", "path", "timeout_ms"], &faults) {
            if let text = reader.string("method", &faults) { method = text }
            path = reader.string("path", &faults)
            if let milliseconds = reader.integer("timeout_ms", &faults) { timeout = .milliseconds(milliseconds) }
        }
        if let problem = faults.problem { throw problem }
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
        writer.object { writeMembers(to: &$0) }
    }

    fileprivate func writeMembers(to writer: inout JSONWriter) {
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
        writer.member("paused_for_failing", pausesItself)
        writer.member("open_until", openUntil?.rfc3339)
        writer.member("failing_since", failingSince?.rfc3339)
        writer.member("created_at", createdAt.rfc3339)
        writer.member("updated_at", updatedAt.rfc3339)
        writer.array("secrets") { writer in
            for time in secretsCreatedAt { writer.object { $0.member("created_at", time.rfc3339) } }
        }
        writer.object("recent") { recent.writeMembers(to: &$0) }
    }
}

extension TestCallResult {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("method", method)
            writer.member("url", url)
            writer.member("started_at", startedAt.rfc3339)
            writer.member("duration_ms", milliseconds: duration.microseconds)
            writer.member("class", outcomeClass)
            writer.member("message", message)
            writer.member("status", status)
            writer.object("timings") { timings.write(to: &$0) }
            writer.member("address", address)
            let content = Content(response, isCut: responseTruncated)
            writer.member("response", content.text)
            writer.member("response_encoding", content.encoding)
            writer.member("response_truncated", responseTruncated)
            writer.member("signatures", signatures)
        }
    }
}
