import Hummingbird
import Scheduler

/// The document of `POST /v1/tasks:batch`.
struct TaskBatch {
    /// In their order: what was read, or what is wrong with it.
    private(set) var items: [Result<TaskDraft, Problem>] = []
    private(set) var isWhole = true

    static let most = 1000

    /// - Throws: what is wrong with the document itself, and with its tasks when all of them are to be made.
    init(_ document: JSONValue) throws(Problem) {
        var faults = FieldFaults()
        guard let reader = FieldReader(document, at: "", accepts: ["mode", "tasks"], &faults) else {
            throw faults.problem!
        }
        let mode = reader.string("mode", &faults)
        if let mode, mode != "all", mode != "each" {
            faults.refused.append(FieldProblem("mode", "must be all or each"))
        }
        isWhole = mode != "each"
        switch reader.value("tasks") {
        case .array(let tasks)? where (1...Self.most).contains(tasks.count):
            for (index, task) in tasks.enumerated() {
                var own = FieldFaults()
                let draft = TaskDraft(task, &own)
                if isWhole { faults.add(own, at: "tasks[\(index)]") }
                items.append(own.problem.map { .failure($0) } ?? .success(draft))
            }
        case .array(let tasks)?:
            faults.refused.append(
                FieldProblem("tasks", "has \(tasks.count) elements; 1 to \(Self.most) are accepted"))
        case let value?: faults.malformed.append(FieldProblem("tasks", "must be an array of tasks, not \(value.kind)"))
        case nil:
            faults.malformed.append(FieldProblem("tasks", "is missing; an array of 1 to \(Self.most) tasks is needed"))
        }
        if let problem = faults.problem { throw problem }
    }
}

extension FieldFaults {
    /// What is wrong with something that is itself at `place`.
    mutating func add(_ other: FieldFaults, at place: String) {
        func placed(_ problem: FieldProblem) -> FieldProblem {
            FieldProblem(problem.field == "body" ? place : "\(place).\(problem.field)", problem.detail)
        }
        malformed += other.malformed.map(placed)
        refused += other.refused.map(placed)
    }
}

extension TaskHandler {
    func createBatch(_ request: Request) async throws -> Response {
        let content = try await request.content(limit: maxBodyBytes())
        let batch = try TaskBatch(try request.document(in: content))
        let key = try request.requestKey(of: caller, content)
        let drafts = batch.items.compactMap { item in
            var draft = try? item.get()  // What is wrong with the others is in `items`.
            draft?.traceparent = request.traceparent
            return draft
        }
        guard !drafts.isEmpty else { return BatchAnswer(batch.items, []).answer.response() }
        let submission = TaskSubmission(drafts, key: key, isWhole: batch.isWhole) { results in
            BatchAnswer(batch.items, results).answer
        }
        do {
            return try await scheduler.submit(submission).response()
        } catch SchedulerError.keyTaken(let taken) {
            let errors = taken.map {
                FieldProblem("tasks[\($0.index)].key", "is that of the live task \($0.holder)")
            }
            throw Problem(.conflict, errors: errors)
        }
    }
}

/// What became of each task of a batch.
struct BatchAnswer {
    private let items: [Result<TaskDraft, Problem>]
    private let results: [SubmissionResult]

    /// - Parameter results: of those that were read, in their order.
    init(_ items: [Result<TaskDraft, Problem>], _ results: [SubmissionResult]) {
        (self.items, self.results) = (items, results)
    }

    var answer: RequestAnswer {
        var writer = JSONWriter(capacity: 64 + items.count * 80)
        var rest = results[...]
        var first: TaskID?
        writer.object { writer in
            writer.array("results") { writer in
                for item in items {
                    switch item {
                    case .failure(let problem): Self.write(problem, &writer)
                    case .success: Self.write(rest.removeFirst(), &first, &writer)
                    }
                }
            }
        }
        let isMade = results.count == items.count && results.allSatisfy { if case .made = $0 { true } else { false } }
        let isBuffered = results.contains { if case .made(let task) = $0 { task.isBuffered } else { false } }
        return RequestAnswer(
            status: isBuffered ? 202 : isMade ? 201 : 200, body: writer.bytes, task: first ?? TaskID(high: 0, low: 0))
    }

    private static func write(_ result: SubmissionResult, _ first: inout TaskID?, _ writer: inout JSONWriter) {
        switch result {
        case .made(let task):
            first = first ?? task.id
            write(status: task.isBuffered ? 202 : 201, task.id, &writer)
        case .existing(let task):
            first = first ?? task.id
            write(status: 200, task.id, &writer)
        case .taken(let holder): write(Problem(SchedulerError.keyTaken([TakenKey(index: 0, holder: holder)]))!, &writer)
        case .refused(let problems): write(Problem(.validation, errors: problems), &writer)
        }
    }

    private static func write(status: Int, _ id: TaskID, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("status", status)
            writer.member("id", id.description)
            writer.member("problem", JSONValue.null)
        }
    }

    private static func write(_ problem: Problem, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("status", problem.kind.status.code)
            writer.member("id", String?.none)
            writer.member("problem", json: String(decoding: problem.json, as: UTF8.self))
        }
    }
}
