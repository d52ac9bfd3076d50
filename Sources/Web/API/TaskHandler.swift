import HTTPTypes
import Hummingbird
import NIOCore
import Scheduler

/// Answers requests under `/v1/tasks`.
struct TaskHandler: Sendable {
    let scheduler: any TaskScheduling
    let caller: Caller
    let maxBodyBytes: @Sendable () -> Int

    func create(_ request: Request) async throws -> Response {
        let content = try await request.content(limit: maxBodyBytes())
        var draft = try TaskDraft(try request.document(in: content))
        draft.traceparent = request.traceparent
        let key = try request.requestKey(of: caller, content)
        if key != nil || draft.key != nil {
            let submission = TaskSubmission([draft], key: key) { RequestAnswer(created: $0[0]) }
            let answer = try await scheduler.submit(submission)
            return answer.response(location: "/v1/tasks/\(answer.task)")
        }
        let task = try await scheduler.accept(draft)
        // Not in the database yet: accepted, and created soon.
        var response = answer(task, task.isBuffered ? .accepted : .created)
        response.headers[.location] = "/v1/tasks/\(task.id)"
        return response
    }

    func list(_ request: Request) async throws -> Response {
        let query = try TaskListQuery(request.rawQuery.utf8)
        let page = try await scheduler.tasks(query.filter, before: query.cursor, limit: query.limit)
        var writer = JSONWriter(capacity: 64 + page.tasks.count * 768)
        writer.object { writer in
            writer.array("tasks") { writer in
                for task in page.tasks { task.write(to: &writer, query.view) }
            }
            writer.member("next_cursor", page.next?.description)
        }
        return .json(writer)
    }

    func get(_ id: TaskID, _ request: Request) async throws -> Response {
        let query = try QueryParameters(request.rawQuery.utf8, accepts: ["view"])
        return answer(try await scheduler.task(id), view: try TaskExtent(query))
    }

    func attempts(_ id: TaskID, _ request: Request) async throws -> Response {
        let query = try AttemptListQuery(request.rawQuery.utf8)
        let task = try await scheduler.task(id)
        let page = try await ListPage(limit: query.limit) {
            try await scheduler.attempts(of: id, after: query.after, limit: $0)
        }
        var writer = JSONWriter(capacity: 64 + page.entries.count * 1024)
        writer.object { writer in
            writer.array("attempts") { writer in
                for attempt in page.entries { attempt.write(to: &writer, of: task) }
            }
            writer.member("next_after", page.last?.attempt)
        }
        return .json(writer)
    }

    func edit(_ id: TaskID, _ request: Request) async throws -> Response {
        let patch = try TaskPatch(try await document(request))
        return answer(try await scheduler.edit(id, patch, onlyIf: try request.expectedVersions()))
    }

    func perform(_ action: TaskAction, on id: TaskID, _ request: Request) async throws -> Response {
        try await requireNoFields(request, "\(action)")
        let versions = try request.expectedVersions()
        return switch action {
        case .cancel: answer(try await scheduler.cancel(id, onlyIf: versions))
        case .run: answer(try await scheduler.runNow(id, onlyIf: versions))
        case .retry: answer(try await scheduler.retry(id, onlyIf: versions))
        }
    }

    /// - Parameter name: of what was asked for.
    func requireNoFields(_ request: Request, _ name: String) async throws {
        let content = try await request.content(limit: maxBodyBytes())
        if !content.isEmpty {
            var faults = FieldFaults()
            _ = FieldReader(try request.document(in: content), at: "", accepts: [], &faults)
            if !faults.malformed.isEmpty {
                throw Problem(.malformed, field: "body", "must be empty or an empty object: \(name) takes no fields")
            }
        }
    }

    // MARK: Content

    func document(_ request: Request) async throws(Problem) -> JSONValue {
        try await request.document(limit: maxBodyBytes())
    }

    private func answer(
        _ task: TaskRecord, _ status: HTTPResponse.Status = .ok, view: TaskExtent = .full
    ) -> Response {
        var writer = JSONWriter(capacity: 768)
        task.write(to: &writer, view)
        var response = Response.json(writer, status)
        response.headers[.eTag] = ETag.text(task)
        return response
    }
}

extension Response {
    static func json(_ writer: JSONWriter, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}

extension RequestAnswer {
    /// What a request for one task is answered with.
    fileprivate init(created result: SubmissionResult) {
        var writer = JSONWriter(capacity: 768)
        switch result {
        case .made(let task):
            task.write(to: &writer)
            self.init(status: task.isBuffered ? 202 : 201, body: writer.bytes, task: task.id)
        case .existing(let task):
            task.write(to: &writer)
            self.init(status: 200, body: writer.bytes, task: task.id)
        case .taken, .refused: preconditionFailure("a single task is made or an error is thrown")
        }
    }
}
