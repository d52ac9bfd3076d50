/// Why the scheduler did not do what it was asked for.
public enum SchedulerError: Error, Sendable, Equatable {
    case notFound(TaskID)
    /// The task is in a state in which this cannot be done.
    case conflict(TaskState, String)
    /// Nothing was done; the same may succeed later.
    case unavailable(String, retryAfter: Duration)
}
