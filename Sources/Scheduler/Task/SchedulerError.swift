/// Why the scheduler did not do what it was asked for.
public enum SchedulerError: Error, Sendable, Equatable {
    case notFound(TaskID)
    /// No queue has this name.
    case unknownQueue(String)
    /// There is a queue of this name already.
    case queueExists(String)
    /// Tasks wait in the queue or run.
    case queueNotEmpty(String)
    /// This schedule makes tasks for the queue.
    case queueNeeded(String, by: String)
    case unknownOperation(UInt64)
    /// None has this number or URL.
    case unknownDestination(String)
    /// As many operations on many tasks run as may at once.
    case tooManyOperations(most: Int)
    /// Live tasks have the keys that were asked for.
    case keyTaken([TakenKey])
    /// The request's key was used for another request.
    case otherRequest
    /// The task has this version, and another was expected.
    case versionChanged(Int)
    /// The same request is under way, or its end is not known yet.
    case requestUnderWay
    /// The task is in a state in which this cannot be done.
    case conflict(TaskState, String)
    /// The same may succeed later. Nothing was done, unless the text says that this is not known.
    case unavailable(String, retryAfter: Duration)
}
