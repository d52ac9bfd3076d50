import MySQL
import Scheduler

extension AttemptRecord {
    /// The attempt as the API shows it.
    /// - Parameter task: as it stands now; its request is the one that was sent only if it was not edited since.
    func write(to writer: inout JSONWriter, of task: TaskRecord) {
        writer.object { writer in
            writer.member("attempt", attempt)
            writer.member("started_at", startedAt.rfc3339)
            writer.member("plan_time", planTime.rfc3339)
            writer.member("lateness_ms", milliseconds: (startedAt - planTime).microseconds)
            writer.member("duration_ms", milliseconds: duration.microseconds)
            writer.member("succeeded", succeeded)
            writer.member("class", outcomeClass)
            writer.member("message", message)
            writer.member("status", status)
            writer.object("timings") { timings.write(to: &$0) }
            writer.member("address", address)
            let content = Content(response, isCut: responseTruncated)
            writer.member("response", content.text)
            writer.member("response_encoding", content.encoding)
            writer.member("response_truncated", responseTruncated)
            writer.member("traceparent", task.task.trace?.attempt(attempt, of: task.id).text)
            writer.member("version", version)
            writer.member("incarnation", number: "\(incarnation)")
            writer.member("curl", curl(of: task))
        }
    }

    private func curl(of task: TaskRecord) -> String? {
        guard version >= task.requestVersion else { return nil }
        return CurlCommand(task.task.request, of: task.id, attempt: attempt).text
    }
}

extension CallTimings {
    func write(to writer: inout JSONWriter) {
        writer.member("lookup_ms", milliseconds: Int64(lookup))
        writer.member("connect_ms", milliseconds: Int64(connect))
        writer.member("tls_ms", milliseconds: Int64(tls))
        writer.member("first_byte_ms", milliseconds: Int64(firstByte))
        writer.member("total_ms", milliseconds: Int64(total))
    }
}

extension JSONWriter {
    /// A number of milliseconds with three decimals.
    mutating func member(_ name: String, milliseconds microseconds: Int64) {
        let (whole, rest) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
        let sign = microseconds < 0 ? "-" : ""
        member(name, number: "\(sign)\(whole).\(String(1000 + rest).dropFirst())")
    }
}
