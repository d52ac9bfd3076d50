/// Which ranges go first.
enum BacklogClasses {
    /// Parts those that are claimed now, tasks that are on time and the highest class of overdue ones, from the rest.
    static func first(of ranges: [ClaimRange]) -> (now: [ClaimRange], later: [ClaimRange]) {
        let highest = ranges.compactMap(\.backlog?.priority).max()
        return (
            ranges.filter { $0.backlog == nil || $0.backlog?.priority == highest },
            ranges.filter { $0.backlog != nil && $0.backlog?.priority != highest }
        )
    }
}
