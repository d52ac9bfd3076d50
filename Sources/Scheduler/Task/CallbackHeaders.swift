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
}
