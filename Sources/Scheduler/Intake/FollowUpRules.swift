import MySQL

/// What a follow-up must be like: as a task, with a body that is the outcome. Field names are those of `/v1`.
extension TaskRules {
    /// - Parameter queue: of the task.
    func followUps(
        _ drafts: [FollowUp.Occasion: FollowUpDraft], of queue: String, _ problems: inout [FieldProblem]
    ) -> [FollowUp.Occasion: FollowUp] {
        var followUps: [FollowUp.Occasion: FollowUp] = [:]
        for (occasion, draft) in drafts.sorted(by: { $0.key.rawValue > $1.key.rawValue }) {
            do throws(ValidationError) {
                followUps[occasion] = try check(draft, of: queue)
            } catch {
                problems += error.problems.map { FieldProblem("\(occasion.rawValue).\($0.field)", $0.detail) }
            }
        }
        return followUps
    }

    private func check(_ draft: FollowUpDraft, of queue: String) throws(ValidationError) -> FollowUp {
        var problems: [FieldProblem] = []
        if let method = draft.method?.uppercased(), CallbackRequest.methods.contains(method),
            !FollowUp.methods.contains(method)
        {
            let methods = FollowUp.methods.joined(separator: ", ")
            problems.append(FieldProblem("request.method", "must be one of \(methods): the outcome is its body"))
        }
        if let delay = draft.delay, !FollowUp.delays.contains(delay) {
            problems.append(FieldProblem("delay_s", "must be between 0 and 31536000 seconds (a year)"))
        }
        var task: NewTask?
        do throws(ValidationError) {
            task = try check(TaskDraft(draft, of: queue))
        } catch {
            // What is wrong with the queue of its task is said there.
            problems += error.problems.filter { draft.queue != nil || $0.field != "queue" }
        }
        guard problems.isEmpty, let task else { throw ValidationError(problems) }
        return FollowUp(
            queue: task.queue, request: task.request, successRule: task.successRule,
            retrySchedule: task.retrySchedule, timeout: task.timeout, labels: task.labels,
            delay: .milliseconds(Int64(((draft.delay ?? 0) * 1000).rounded())))
    }

    /// What keeps follow-ups that were accepted once from being called today.
    func followUpProblems(_ followUps: [FollowUp.Occasion: FollowUp]) -> [FieldProblem] {
        followUps.sorted { $0.key.rawValue > $1.key.rawValue }.compactMap { occasion, followUp in
            urlProblem(followUp.request.url).map { FieldProblem("\(occasion.rawValue).request.url", $0) }
        }
    }

    func expiryProblems(_ expiresAt: Timestamp, planTime: Timestamp) -> [FieldProblem] {
        if expiresAt > Timestamp.range.upperBound {
            return [FieldProblem("expires_at", "must be between the years 1970 and 9999")]
        }
        if expiresAt > planTime { return [] }
        return [FieldProblem("expires_at", "must be after plan_time, which is \(planTime.rfc3339)")]
    }

    /// Checks a change against the task that it changes.
    package func check(_ patch: TaskPatch, of task: TaskRecord) throws(ValidationError) -> TaskEdit {
        var problems: [FieldProblem] = []
        var edit = TaskEdit(planTime: patch.planTime)
        do throws(ValidationError) {
            edit.request = try check(patch, of: task.task.request)
        } catch {
            problems += error.problems
        }
        edit.expiresAt = patch.expiresAt
        let planTime = patch.planTime ?? task.nextAttemptAt ?? task.task.planTime
        if patch.planTime != nil || patch.expiresAt != nil,
            let expiresAt = patch.expiresAt ?? task.task.expiresAt
        {
            problems += expiryProblems(expiresAt, planTime: planTime)
        }
        let drafts = patch.followUps.compactMapValues(\.self)
        if task.follows != nil, let occasion = drafts.keys.first {
            problems.append(FieldProblem(occasion.rawValue, "cannot be asked for: the task is a follow-up itself"))
        }
        let followUps = followUps(drafts, of: task.task.queue, &problems)
        for occasion in patch.followUps.keys { edit.followUps[occasion] = .some(followUps[occasion]) }
        if !problems.isEmpty { throw ValidationError(problems) }
        return edit
    }
}

extension TaskDraft {
    /// What a follow-up would ask for if it were a task.
    fileprivate init(_ draft: FollowUpDraft, of queue: String) {
        self.init()
        self.queue = draft.queue ?? queue
        planTime = Timestamp(microseconds: 0)
        method = draft.method
        url = draft.url
        headers = draft.headers
        maxRedirects = draft.maxRedirects
        successRule = draft.successRule
        successConditions = draft.successConditions
        maxRetries = draft.maxRetries
        retryDelays = draft.retryDelays
        timeoutMilliseconds = draft.timeoutMilliseconds
        labels = draft.labels
    }
}
