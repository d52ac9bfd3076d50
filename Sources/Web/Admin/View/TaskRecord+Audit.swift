import Accounts
import MySQL
import Scheduler

extension TaskRecord {
    /// The task as the audit log keeps it: JSON, without secrets, with the beginning of the body.
    var auditState: AuditState {
        let request = SecretMask.masked(task.request)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("state", state.rawValue)
            writer.member("queue", task.queue)
            writer.member("plan_time", task.planTime.rfc3339)
            writer.member("expires_at", task.expiresAt?.rfc3339)
            writer.member("next_attempt_at", nextAttemptAt?.rfc3339)
            writer.member("attempt", attempt)
            writer.member("method", request.method)
            writer.member("url", request.url)
            writer.member("headers", request.headerText)
            writer.member("body", request.body.flatMap { Content(Array($0.prefix(1024)), isCut: $0.count > 1024).text })
            writer.member("version", version)
        }
        return AuditState(json: String(decoding: writer.bytes, as: UTF8.self))
    }
}
