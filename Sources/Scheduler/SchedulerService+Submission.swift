/// Tasks that are asked for at once.
public struct TaskSubmission: Sendable {
    /// One or more.
    public var drafts: [TaskDraft]
    /// Asked for again with the same key, the answer is the same for a day.
    public var key: RequestKey?
    /// Either all of them are made, or none, and an error says why.
    public var isWhole: Bool
    /// Makes the answer when it is known what becomes of each draft; called before the tasks are committed, on any thread.
    public var answer: @Sendable ([SubmissionResult]) -> RequestAnswer

    public init(
        _ drafts: [TaskDraft], key: RequestKey? = nil, isWhole: Bool = true,
        answer: @escaping @Sendable ([SubmissionResult]) -> RequestAnswer
    ) {
        self.drafts = drafts
        self.key = key
        self.isWhole = isWhole
        self.answer = answer
    }
}

/// What becomes of one draft.
public enum SubmissionResult: Sendable, Equatable {
    case made(TaskRecord)
    /// Not made: this live task has its key, and that was to be the answer.
    case existing(TaskRecord)
    /// Not made: this live task has its key.
    case taken(by: TaskID)
    case refused([FieldProblem])
}

extension SchedulerService {
    /// Accepts tasks together. When it returns, those that are made are committed.
    /// - Throws: `ValidationError` with fields such as `tasks[3].request.url`, or without the first part for a single draft,
    ///   when all were to be made; `SchedulerError.keyTaken`, `.otherRequest`, `.requestUnderWay`, `.unavailable`.
    public func submit(_ submission: TaskSubmission) async throws -> RequestAnswer {
        let engine = try engine()
        let checked = DraftCheck(submission.drafts, await taskRules(naming: submission.drafts.flatMap(\.queues)))
        if submission.isWhole || submission.drafts.count == 1, let error = checked.error { throw error }
        let (answer, problems) = (submission.answer, checked.problems)
        guard !checked.tasks.isEmpty else { return answer(problems.map { .refused($0 ?? []) }) }
        let terms = GroupTerms(
            requestKey: submission.key, isWhole: submission.isWhole || submission.drafts.count == 1,
            onConflict: checked.onConflict
        ) { fates in
            var rest = fates[...]
            return answer(problems.map { $0.map { .refused($0) } ?? SubmissionResult(rest.removeFirst()) })
        }
        return try await reaching { try await engine.accept(checked.tasks, terms) }
    }

    /// The same for one task, with the task for an answer.
    func submit(_ draft: TaskDraft) async throws -> TaskRecord {
        let answer = try await submit(
            TaskSubmission([draft]) { results in
                switch results[0] {
                case .made(let task), .existing(let task): RequestAnswer(status: 0, body: [], task: task.id)
                case .taken, .refused: preconditionFailure("a single draft is made or an error is thrown")
                }
            })
        return try await task(answer.task)
    }
}

extension SubmissionResult {
    fileprivate init(_ fate: TaskFate) {
        switch fate {
        case .made(let task): self = .made(task)
        case .existing(let task): self = .existing(task)
        case .conflict(let holder): self = .taken(by: holder)
        }
    }
}

/// Drafts that were asked for at once, held against the rules.
struct DraftCheck {
    /// Those that can be made, in their order.
    private(set) var tasks: [NewTask] = []
    private(set) var onConflict: [OnConflict] = []
    /// Of each draft; nil: it can be made.
    private(set) var problems: [[FieldProblem]?] = []

    init(_ drafts: [TaskDraft], _ rules: TaskRules) {
        for draft in drafts {
            var found: [FieldProblem] = []
            if drafts.count > 1, draft.onConflict == OnConflict.replace.rawValue {
                found.append(FieldProblem("on_conflict", "must not be replace for one of several tasks"))
            }
            do throws(ValidationError) {
                let task = try rules.check(draft)
                if found.isEmpty {
                    tasks.append(task)
                    onConflict.append(draft.onConflict.flatMap { OnConflict(rawValue: $0) } ?? .reject)
                }
            } catch {
                found += error.problems
            }
            problems.append(found.isEmpty ? nil : found)
        }
    }

    /// All that is wrong, with the place of each draft.
    var error: ValidationError? {
        let all = problems.enumerated().flatMap { index, problems in
            (problems ?? []).map { problem in
                self.problems.count == 1
                    ? problem : FieldProblem("tasks[\(index)].\(problem.field)", problem.detail)
            }
        }
        return all.isEmpty ? nil : ValidationError(all)
    }
}
