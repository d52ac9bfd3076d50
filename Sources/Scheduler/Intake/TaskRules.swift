package import MySQL

/// What a task must be like to be accepted, and what it takes when it does not say.
package struct TaskRules: Sendable {
    package var retrySchedule: RetrySchedule
    package var timeout: Duration
    package var addresses: AddressPolicies
    package var bodyLimit: Int
    /// Whether a task may name a queue that is not there yet.
    package var makesQueues: Bool
    /// The queues there are, and what their tasks take.
    package var queues = QueueBook()

    package init(_ configuration: Configuration) {
        retrySchedule = RetrySchedule(
            maxRetries: configuration.queue.retryDelays.count, delays: configuration.queue.retryDelays)
        timeout = configuration.dispatch.timeout
        addresses = AddressPolicies(configuration)
        bodyLimit = configuration.server.maxBodyBytes
        makesQueues = configuration.intake.makesQueues
    }

    /// Checks all of a draft and gives the task that it asks for.
    /// - Throws: every problem at once.
    package func check(_ draft: TaskDraft) throws(ValidationError) -> NewTask {
        var problems: [FieldProblem] = []
        let planTime = self.planTime(draft.planTime, &problems)
        let request = CallbackRequest(
            method: draft.method?.uppercased() ?? "POST", url: draft.url ?? "", headers: draft.headers,
            body: draft.body, maxRedirects: draft.maxRedirects ?? 0)
        if draft.url == nil {
            problems.append(FieldProblem("request.url", "is missing; an http or https URL is needed"))
        }
        problems += RequestRules(addresses: addresses, bodyLimit: bodyLimit).problems(
            request, checksURL: draft.url != nil)

        let queue = draft.queue ?? NewTask.defaultQueue
        if !queue.isName(limit: 100) {
            problems.append(FieldProblem("queue", "must be 1 to 100 letters, digits, dots, dashes or underscores"))
        }
        if let problem = queueProblem(queue) { problems.append(FieldProblem("queue", problem)) }
        let defaults = queues[queue]
        let saysSuccess = draft.successRule != nil || draft.successConditions != SuccessConditions()
        let rule =
            !saysSuccess && defaults?.successRule != nil
            ? defaults?.successRule : SuccessRules.check(draft.successRule, draft.successConditions, &problems)
        let onLost = draft.onLost.map { OnLost(rawValue: $0) } ?? .retry
        if onLost == nil { problems.append(FieldProblem("on_lost", "must be one of \(Self.names(OnLost.allCases))")) }
        var timeout = defaults?.timeout ?? timeout
        if let milliseconds = draft.timeoutMilliseconds {
            timeout = self.timeout(milliseconds, &problems) ?? timeout
        }
        let schedule = retrySchedule(draft, defaults?.retrySchedule ?? retrySchedule, &problems)
        problems += labelProblems(draft.labels) + keyProblems(draft)
        if let expiresAt = draft.expiresAt, let planTime { problems += expiryProblems(expiresAt, planTime: planTime) }
        let followUps = followUps(draft.followUps, of: queue, &problems)

        guard problems.isEmpty, let planTime, let rule, let onLost else { throw ValidationError(problems) }
        return NewTask(
            queue: queue, planTime: planTime, request: request, successRule: rule, retrySchedule: schedule,
            timeout: timeout, onLost: onLost, labels: draft.labels,
            trace: draft.traceparent.flatMap(TraceContext.init), key: draft.key,
            expiresAt: draft.expiresAt, followUps: followUps)
    }

    /// Checks a change against the request that it changes.
    package func check(_ patch: TaskPatch, of request: CallbackRequest) throws(ValidationError) -> CallbackRequest? {
        var problems: [FieldProblem] = []
        if let time = patch.planTime { _ = planTime(time, &problems) }
        var changed = request
        if let method = patch.method { changed.method = method.uppercased() }
        if let url = patch.url { changed.url = url }
        if let headers = patch.headers { changed.headers = headers }
        if let body = patch.body { changed.body = body }
        if let redirects = patch.maxRedirects { changed.maxRedirects = redirects }
        if patch.changesRequest {
            // A GET of the old form keeps a body that is not sent; it is no reason to refuse another change.
            let checksBody = patch.method != nil || patch.body != nil
            problems += RequestRules(addresses: addresses, bodyLimit: bodyLimit)
                .problems(changed, checksURL: true).filter { checksBody || $0.field != "request.body" }
        }
        if !problems.isEmpty { throw ValidationError(problems) }
        return patch.changesRequest ? changed : nil
    }

    /// Checks a task that is to be made once more, for another time, against the rules of now.
    package func check(copyOf task: NewTask, planTime time: Timestamp) throws(ValidationError) -> NewTask {
        var problems: [FieldProblem] = []
        var copy = task
        copy.planTime = planTime(time, &problems) ?? time
        // A GET of the old form keeps a body that is not sent.
        if ["GET", "HEAD"].contains(copy.request.method) { copy.request.body = nil }
        problems += RequestRules(addresses: addresses, bodyLimit: bodyLimit)
            .problems(copy.request, checksURL: true)
        problems += followUpProblems(copy.followUps)
        if !problems.isEmpty { throw ValidationError(problems) }
        // A copy that could not be called would be of no use.
        if let expiresAt = copy.expiresAt, expiresAt <= copy.planTime { copy.expiresAt = nil }
        // It was asked for by somebody else, and later.
        copy.trace = nil
        copy.key = nil
        return copy
    }

    /// What keeps a URL from being called. nil: nothing.
    package func urlProblem(_ url: String) -> String? {
        RequestRules(addresses: addresses, bodyLimit: bodyLimit).urlProblem(url)
    }

    private static let planTimes =
        Timestamp(microseconds: 0)...Timestamp(microseconds: Timestamp.range.upperBound.microseconds)

    private func planTime(_ time: Timestamp?, _ problems: inout [FieldProblem]) -> Timestamp? {
        guard let time else {
            problems.append(FieldProblem("plan_time", "is missing; RFC 3339 or unix seconds are needed"))
            return nil
        }
        guard Self.planTimes.contains(time) else {
            problems.append(FieldProblem("plan_time", "must be between the years 1970 and 9999"))
            return nil
        }
        return time
    }

    func timeout(_ milliseconds: Int, _ problems: inout [FieldProblem]) -> Duration? {
        // Compared before it becomes a duration, which overflows with the largest numbers.
        if (100...3_600_000).contains(milliseconds) { return .milliseconds(milliseconds) }
        problems.append(FieldProblem("timeout_ms", "must be between 100 and 3600000 milliseconds"))
        return nil
    }

    /// What keeps a task from naming this queue. nil: nothing.
    func queueProblem(_ name: String) -> String? {
        if makesQueues || name == NewTask.defaultQueue || queues.contains(name) { return nil }
        if !name.isName(limit: 100) { return nil }
        return "is not there; queues are not made by tasks here (intake.new_queues), but with POST /v1/queues"
    }

    func retrySchedule(
        _ draft: TaskDraft, _ standard: RetrySchedule, _ problems: inout [FieldProblem]
    ) -> RetrySchedule {
        var schedule = standard
        if let delays = draft.retryDelays {
            if delays.count > 100 {
                problems.append(FieldProblem("retry.delays", "has \(delays.count) entries; at most 100 are accepted"))
            }
            for (index, delay) in delays.enumerated() where !(0...31_536_000).contains(delay) {
                problems.append(
                    FieldProblem("retry.delays[\(index)]", "must be between 0 and 31536000 seconds (a year)"))
            }
            schedule.delays =
                problems.isEmpty ? delays.map { .milliseconds(Int64(($0 * 1000).rounded())) } : schedule.delays
            schedule.maxRetries = delays.count
        }
        if let maxRetries = draft.maxRetries {
            if !(0...100).contains(maxRetries) {
                problems.append(FieldProblem("retry.max_retries", "must be between 0 and 100"))
            }
            schedule.maxRetries = maxRetries
        }
        return schedule
    }

    private func labelProblems(_ labels: [String: String]) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if labels.count > 20 { problems.append(FieldProblem("labels", "has \(labels.count); at most 20 are accepted")) }
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            if !name.isName(limit: 64) {
                problems.append(
                    FieldProblem(
                        "labels",
                        "the name \(name.prefix(80).debugDescription) must be 1 to 64 letters, digits, dots, dashes or underscores"
                    ))
            }
            if value.utf8.count > 256 { problems.append(FieldProblem("labels.\(name)", "is longer than 256 bytes")) }
            if value.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
                problems.append(FieldProblem("labels.\(name)", "holds a control character"))
            }
        }
        return problems
    }

    private func keyProblems(_ draft: TaskDraft) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if let key = draft.key, !TaskKey.isKey(key) { problems.append(FieldProblem("key", TaskKey.form)) }
        if let word = draft.onConflict {
            if OnConflict(rawValue: word) == nil {
                problems.append(FieldProblem("on_conflict", "must be one of \(Self.names(OnConflict.allCases))"))
            } else if draft.key == nil {
                problems.append(FieldProblem("on_conflict", "says what becomes of a key; give a key too"))
            }
        }
        return problems
    }

    private static func names<T: RawRepresentable<String>>(_ cases: [T]) -> String {
        cases.map(\.rawValue).joined(separator: ", ")
    }
}
