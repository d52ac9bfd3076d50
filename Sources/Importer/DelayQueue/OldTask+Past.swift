import MySQL
import Scheduler

extension OldTask {
    /// Why a row is not imported.
    struct Refusal: Error {
        var reason: String
    }

    /// What holds for all of them: delay_queue kept it in its configuration, not with the task.
    struct Rules: Sendable {
        let tasks: TaskRules
        let legacy: LegacyRules
        let slots: Int
        let responseLimit: Int

        init(_ configuration: Configuration) {
            tasks = TaskRules(configuration)
            legacy = LegacyRules(configuration)
            slots = configuration.queue.slot
            responseLimit = configuration.dispatch.responseLogBytes
        }
    }

    /// The task that it becomes here.
    func past(_ rules: Rules) throws(Refusal) -> PastTask {
        guard let state else { throw Refusal(reason: "its state is none of 0, 1, 2 and 3") }
        guard let uuid = TaskID(queueIndex) else { throw Refusal(reason: "its queue_index is not a UUID") }
        let old = OldParameter(parameter)
        let request = rules.legacy.request(url: url, method: method, parameter: old.parameter)
        if state == .waiting || state == .failedWaiting {
            if let problem = rules.tasks.urlProblem(request.url) { throw Refusal(reason: "its notify_url \(problem)") }
            if old.isCutOff, request.method == "POST" {
                throw Refusal(reason: "its notify_param was cut off by the column, and would be sent so")
            }
        }
        let asked = askedTime(old.planTime, rules)
        let made = attemptsMade(state)
        return PastTask(
            // The time when it was made, and the rest of its UUID.
            id: TaskID(milliseconds: addedAt.microseconds / 1000, random: (uuid.high, uuid.low << 2)),
            task: NewTask(
                queue: NewTask.defaultQueue, planTime: asked, request: request, successRule: .legacyJSONSuccess,
                retrySchedule: rules.tasks.retrySchedule, timeout: rules.tasks.timeout,
                labels: ["delay_queue": queueIndex]),
            createdAt: addedAt, stage: stage(state, asked, made, rules), attempt: made,
            retriesFrom: state == .failedWaiting ? made - retries : 0,
            attempts: attempts.enumerated().map { $1.record($0 + 1, responseLimit: rules.responseLimit) })
    }

    /// A time that had passed already meant "in some seconds", which slot and cycles tell.
    private func askedTime(_ told: Timestamp?, _ rules: Rules) -> Timestamp {
        if let told, told >= addedAt { return told }
        guard state == .waiting else { return addedAt }
        return addedAt + .seconds(cycles * rules.slots + slot)
    }

    /// By the log; by the count of retries where rows of the log are missing.
    private func attemptsMade(_ state: State) -> Int {
        let counted =
            switch state {
            case .waiting: 0
            case .succeeded: retries + 1
            case .failedWaiting, .failed: retries
            }
        return min(max(counted, attempts.count + attemptsLeftOut), Int(UInt16.max))
    }

    private func stage(_ state: State, _ asked: Timestamp, _ made: Int, _ rules: Rules) -> PastTask.Stage {
        switch state {
        case .waiting: .pending(planTime: asked)
        case .failedWaiting:
            .pending(planTime: changedAt + (rules.tasks.retrySchedule.delay(afterFailures: max(1, retries)) ?? .zero))
        case .succeeded: .succeeded(at: changedAt)
        case .failed: .dead(at: changedAt, reason: "failed in delay_queue after \(made) attempts")
        }
    }
}
