import Accounts
import HTTPTypes
import Hummingbird
import MySQL
import Scheduler

/// Answers requests under `/v1/schedules`.
struct ScheduleHandler: Sendable {
    let schedules: any ScheduleKeeping
    let maxBodyBytes: @Sendable () -> Int

    /// - Returns: the schedule's name, and the answer.
    func create(_ request: Request) async throws -> (name: String, Response) {
        let (draft, isPaused) = try ScheduleDraft.read(try await request.document(limit: maxBodyBytes()), name: nil)
        let schedule = try await schedules.add(draft, isPaused: isPaused)
        var response = answer(schedule, .created)
        response.headers[.location] = "/v1/schedules/\(schedule.schedule.name)"
        return (schedule.schedule.name, response)
    }

    func replace(_ name: String, _ request: Request) async throws -> Response {
        let (draft, _) = try ScheduleDraft.read(try await request.document(limit: maxBodyBytes()), name: name)
        return answer(try await schedules.replace(draft))
    }

    func list(_ request: Request) async throws -> Response {
        let query = try NameListQuery(request.rawQuery.utf8)
        let page = try await ListPage(limit: query.limit) {
            try await schedules.schedules(after: query.cursor, limit: $0)
        }
        var writer = JSONWriter(capacity: 64 + page.entries.count * 768)
        writer.object { writer in
            writer.array("schedules") { writer in
                for schedule in page.entries { schedule.write(to: &writer) }
            }
            writer.member("next_cursor", page.last?.schedule.name)
        }
        return .json(writer)
    }

    func get(_ name: String, _ request: Request) async throws -> Response {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        return answer(try await schedules.schedule(name))
    }

    /// The runs to come, by the rule alone.
    func next(_ name: String, _ request: Request) async throws -> Response {
        let parameters = try QueryParameters(request.rawQuery.utf8, accepts: ["count"])
        var faults: [FieldProblem] = []
        let count = parameters.integer("count", 1...100, &faults) ?? 10
        guard faults.isEmpty else { throw Problem(.malformed, errors: faults) }
        let schedule = try await schedules.schedule(name)
        var writer = JSONWriter()
        writer.object { writer in
            writer.array("next") { writer in
                for time in schedule.coming(count) { writer.string(time.rfc3339) }
            }
        }
        return .json(writer)
    }

    func perform(_ action: ScheduleAction, on name: String, _ request: Request) async throws -> Response {
        try await request.requireNoContent(limit: maxBodyBytes())
        switch action {
        case .pause: return answer(try await schedules.pause(schedule: name))
        case .resume: return answer(try await schedules.resume(schedule: name))
        case .run:
            var writer = JSONWriter(capacity: 768)
            try await schedules.run(schedule: name).write(to: &writer)
            return .json(writer, .created)
        }
    }

    func delete(_ name: String, _ request: Request) async throws -> Response {
        try await request.requireNoContent(limit: maxBodyBytes())
        try await schedules.deleteSchedule(name)
        return Response(status: .noContent)
    }

    private func answer(_ schedule: Schedule, _ status: HTTPResponse.Status = .ok) -> Response {
        var writer = JSONWriter(capacity: 1024)
        schedule.write(to: &writer)
        return .json(writer, status)
    }
}

/// What can be done to a schedule by `POST /v1/schedules/{name}:…`.
enum ScheduleAction: String, CaseIterable {
    case pause, resume, run

    var audit: AuditAction {
        switch self {
        case .pause: .schedulePause
        case .resume: .scheduleResume
        case .run: .scheduleRun
        }
    }
}

extension Schedule {
    /// The next runs that are not made, fewer when there are no more.
    func coming(_ count: Int) -> [Timestamp] {
        var times: [Timestamp] = []
        var time = nextAt
        while let next = time, times.count < count {
            times.append(next)
            time = schedule.next(after: next)
        }
        return times
    }
}
