import Scheduler

/// What the overview shows, as it was at one time.
struct OverviewFigures: Sendable {
    let overview: Overview
    let queues: ListPage<QueueStatus>
    let instances: [InstanceStatus]
    /// Those that have failed for days.
    let pausedDestinations: [DestinationRecord]
}
