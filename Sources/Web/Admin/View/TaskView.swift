import MySQL
import Scheduler

/// A task in a list.
struct TaskRow {
    let id: String
    let queue: String
    let state: String
    let stateText: String
    let method: String
    let url: String
    let due: ShownTime?
    let attempt: Int
    let created: ShownTime
    let labels: [String]

    init(_ task: TaskRecord, _ texts: Texts) {
        id = task.id.description
        queue = task.task.queue
        state = task.state.rawValue
        stateText = texts("state_\(task.state.rawValue)")
        method = task.task.request.method
        url = SecretMask.masked(url: task.task.request.url)
        due = ShownTime(task.nextAttemptAt ?? task.finishedAt ?? task.task.planTime)
        attempt = task.attempt
        created = ShownTime(task.createdAt)
        labels = task.task.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}

/// A task on its own page.
struct TaskView {
    let row: TaskRow
    let planTime: ShownTime
    let nextAttempt: ShownTime?
    let deferredFrom: ShownTime?
    let finished: ShownTime?
    let headers: [HeaderField]
    let body: ShownContent?
    let maxRedirects: Int
    let successRule: String
    let successCriteria: String?
    let maxRetries: Int
    let delays: String?
    let timeout: String
    let onLost: String
    let version: Int
    let expires: ShownTime?
    let isExpired: Bool
    let follows: String?
    let followUps: [FollowUpView]
    let curl: String
    let isLive: Bool
    let canSteer: Bool
    let canRetry: Bool

    init(_ task: TaskRecord, _ texts: Texts) {
        row = TaskRow(task, texts)
        planTime = ShownTime(task.task.planTime)
        nextAttempt = task.nextAttemptAt.map(ShownTime.init)
        deferredFrom = task.deferredFrom.map(ShownTime.init)
        finished = task.finishedAt.map(ShownTime.init)
        let request = SecretMask.masked(task.task.request)
        headers = request.headers
        body = request.body.map { ShownContent($0) }
        maxRedirects = request.maxRedirects
        successRule = task.task.successRule.storedName
        successCriteria = task.task.successRule.storedCriteria
        maxRetries = task.task.retrySchedule.maxRetries
        let pauses = task.task.retrySchedule.delays.map { texts.length($0) }
        delays = pauses.isEmpty ? nil : pauses.joined(separator: ", ")
        timeout = texts.length(task.task.timeout)
        onLost = texts("on_lost_\(task.task.onLost.rawValue)")
        version = task.version
        expires = task.task.expiresAt.map(ShownTime.init)
        isExpired = task.isExpired
        follows = task.follows?.description
        followUps = FollowUp.Occasion.allCases.compactMap { occasion in
            task.task.followUps[occasion].map { FollowUpView($0, texts(occasion.textKey), texts) }
        }
        curl = CurlCommand(request, of: task.id, attempt: max(1, task.attempt)).text
        isLive = !task.state.isFinished
        canSteer = !task.state.isFinished && task.state != .running
        canRetry = task.state == .dead || task.state == .cancelled
    }
}

/// What is called when a task has ended.
struct FollowUpView {
    let occasion: String
    let method: String
    let url: String
    let queue: String
    /// nil: at once.
    let delay: String?

    init(_ followUp: FollowUp, _ occasion: String, _ texts: Texts) {
        self.occasion = occasion
        method = followUp.request.method
        url = SecretMask.masked(url: followUp.request.url)
        queue = followUp.queue
        delay = followUp.delay == .zero ? nil : texts.length(followUp.delay)
    }
}

extension FollowUp.Occasion {
    var textKey: String { "followup_\(rawValue)" }
}

/// One call of a task, with a bar that shows where the time went.
struct AttemptView {
    let number: Int
    let started: ShownTime
    let lateness: String
    let duration: String
    let succeeded: Bool
    let outcome: String
    let message: String?
    let status: Int?
    let address: String?
    let incarnation: String
    let version: Int
    let isEarlierRequest: Bool
    let response: ShownContent?
    let parts: [Part]

    /// A stretch of a call; `x` and `width` are percent of the whole.
    struct Part {
        let name: String
        let text: String
        let x: String
        let width: String
        let kind: String
    }

    init(_ attempt: AttemptRecord, of task: TaskRecord, _ texts: Texts) {
        number = attempt.attempt
        started = ShownTime(attempt.startedAt)
        lateness = texts.length(attempt.startedAt - attempt.planTime)
        duration = texts.length(attempt.duration)
        succeeded = attempt.succeeded
        outcome = texts.outcome(attempt.outcomeClass)
        message = attempt.message
        status = attempt.status
        address = attempt.address
        incarnation = "\(attempt.incarnation)"
        version = attempt.version
        isEarlierRequest = attempt.version < task.requestVersion
        response = attempt.response.isEmpty ? nil : ShownContent(attempt.response, isCut: attempt.responseTruncated)
        parts = Self.parts(attempt.timings, texts)
    }

    private static func parts(_ timings: CallTimings, _ texts: Texts) -> [Part] {
        guard timings.total > 0 else { return [] }
        var parts: [Part] = []
        var start = 0
        for (kind, end) in [
            ("lookup", timings.lookup), ("connect", timings.connect), ("tls", timings.tls),
            ("wait", timings.firstByte), ("receive", timings.total),
        ] where end > start {
            parts.append(
                Part(
                    name: texts("timing_\(kind)"), text: texts.length(microseconds: end - start),
                    x: percent(start, timings.total), width: percent(end - start, timings.total), kind: kind))
            start = end
        }
        return parts
    }

    private static func percent(_ part: Int, _ whole: Int) -> String {
        let tenths = part * 1000 / whole
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension Texts {
    /// What an attempt's class means; a class of another version stands for itself.
    func outcome(_ outcomeClass: String) -> String { table["class_\(outcomeClass)"] ?? outcomeClass }
}
