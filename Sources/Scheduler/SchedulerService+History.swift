import MySQL

extension SchedulerService {
    /// Partitions ahead, old days and old counts: whatever has to be done about them at times, by any instance.
    func keepHistory(_ clock: ClusterClock) async {
        let partitions = PartitionKeeper(
            store: store, clock: clock, daysAhead: { [live] in live.retention.partitionsAhead }, logger: logger)
        let rollups = RollupKeeper(
            store: store, clock: clock, daysKept: { [live] in live.retention.rollups }, logger: logger)
        let history = RetentionKeeper(
            store: store, clock: clock, settings: { [live] in live.retention }, metrics: metrics, logger: logger)
        async let ahead: Void = partitions.run()
        async let counts: Void = rollups.run()
        async let days: Void = history.run()
        _ = await (ahead, counts, days)
    }
}
