import Accounts
import Scheduler

extension DestinationRecord.Settings {
    /// As the audit log shows them.
    var auditState: AuditState {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("max_concurrency", maxConcurrency)
            if let rate { writer.member("rate", number: "\(rate)") }
            writer.member("burst", burst)
            writer.member("breaker_failures", breakerFailures)
            writer.member("notes", notes)
        }
        return AuditState(json: String(decoding: writer.bytes, as: UTF8.self))
    }
}
