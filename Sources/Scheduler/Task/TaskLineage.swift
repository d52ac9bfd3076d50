/// How a task is related to others by duplicating and by follow-ups. The ids remain when retention has removed the tasks.
public struct TaskLineage: Sendable, Equatable {
    /// The task that it is a copy of. nil: it is none.
    public var original: TaskID?
    /// The copies that were made of it, in order of their making; 100 at most.
    public var copies: [TaskID]
    /// The tasks that were made when it ended, in order of their making; 100 at most. The other way is
    /// `TaskRecord.follows`.
    public var followUps: [TaskID]

    package init(original: TaskID?, copies: [TaskID], followUps: [TaskID] = []) {
        self.followUps = followUps
        self.original = original
        self.copies = copies
    }
}
