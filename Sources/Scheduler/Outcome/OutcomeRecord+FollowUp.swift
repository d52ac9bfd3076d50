package import MySQL

extension OutcomeRecord {
    /// The end that it is; nil: the task goes on.
    package var occasion: FollowUp.Occasion? {
        switch fate {
        case .succeeded: .onSuccess
        case .dead, .expired: .onFailure
        case .retry: nil
        }
    }

    /// Adds the task that is to follow this end.
    /// - Parameters:
    ///   - source: what the task asked for; nil: for nothing.
    ///   - now: when the task ends.
    ///   - place: decides where a live row of a queue goes for a plan time.
    package mutating func follow(
        _ source: FollowUpSource?, now: Timestamp, id: () -> TaskID, place: (Int, Timestamp) -> Place
    ) {
        guard let source, let occasion, let followUp = source.followUps[occasion],
            let queueID = source.queueIDs[followUp.queue]
        else { return }
        var request = followUp.request
        request.body = body(source, endedAt: now)
        if !request.headers.contains(where: { $0.name.lowercased() == FollowUp.contentType.name.lowercased() }) {
            request.headers.append(FollowUp.contentType)
        }
        let planTime = now + followUp.delay
        let task = NewTask(
            queue: followUp.queue, planTime: planTime, request: request, successRule: followUp.successRule,
            retrySchedule: followUp.retrySchedule, timeout: followUp.timeout, labels: followUp.labels,
            trace: source.trace)
        var accepted = AcceptedTask(
            id: id(), task: task, queueID: queueID, createdAt: now, place: place(queueID, planTime))
        accepted.follows = self.id
        followUps = [accepted]
    }

    /// The outcome as a follow-up's receiver is told it.
    private func body(_ source: FollowUpSource, endedAt: Timestamp) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024 + attempt.response.count)
        writer.object { writer in
            writer.member("task_id", id.description)
            writer.member("queue", source.queue)
            writer.member("key", source.key)
            writer.object("labels") { writer in
                for (name, value) in source.labels.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
            }
            writer.member("state", (occasion == .onSuccess ? TaskState.succeeded : .dead).rawValue)
            writer.member("expired", isExpired)
            writer.member("reason", reason)
            writer.member("attempts", attemptsMade)
            writer.member("plan_time", source.planTime.rfc3339)
            writer.member("finished_at", endedAt.rfc3339)
            if isExpired {
                writer.member("last_attempt", JSONValue.null)
            } else {
                writer.object("last_attempt") { attempt.writeOutcome(to: &$0) }
            }
        }
        return writer.bytes
    }
}

extension AttemptRecord {
    fileprivate func writeOutcome(to writer: inout JSONWriter) {
        writer.member("attempt", attempt)
        writer.member("started_at", startedAt.rfc3339)
        writer.member("class", outcomeClass)
        writer.member("message", message)
        writer.member("status", status)
        // As the log has it: not longer than that keeps it.
        let whole = responseTruncated ? UTF8Text.withoutCutCharacter(response[...]) : response[...]
        let text = String(validating: whole, as: UTF8.self)
        writer.member("response", response.isEmpty ? nil : text ?? Base64.encode(response))
        writer.member("response_encoding", text == nil ? "base64" : "utf8")
        writer.member("response_truncated", responseTruncated)
    }
}
