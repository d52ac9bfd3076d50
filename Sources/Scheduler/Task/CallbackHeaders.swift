/// The headers by which a receiver recognises a task.
public enum CallbackHeaders {
    /// - Parameter attempt: counts from 1. The key is the same for every attempt of a task: what a receiver has acted
    ///   upon once it need not again.
    public static func identity(of id: TaskID, attempt: Int) -> [HeaderField] {
        let text = id.description
        return [
            HeaderField(name: "X-Task-Id", value: text),
            HeaderField(name: "X-Task-Attempt", value: "\(attempt)"),
            HeaderField(name: "Idempotency-Key", value: text),
        ]
    }

    /// What continues a trace: nothing when the task has none, or its request names the header itself.
    package static func trace(
        _ trace: TraceContext?, of id: TaskID, attempt: Int, request: CallbackRequest
    ) -> HeaderField? {
        guard let trace, !request.headers.contains(where: { $0.name.lowercased() == Self.traceparent }) else {
            return nil
        }
        return HeaderField(name: traceparent, value: trace.attempt(attempt, of: id).text)
    }

    package static let traceparent = "traceparent"
}
