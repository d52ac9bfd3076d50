extension SchedulerService {
    /// The figures of the last hour and the next. Its cost does not grow with the number of tasks; who looks often looks
    /// through an `SharedAnswer`.
    /// - Throws: `SchedulerError.unavailable`.
    package func overview() async throws -> Overview {
        try await reaching {
            let figures = try await store.figures(
                minutesBack: Overview.minutesBack, minutesAhead: Overview.minutesAhead)
            return Overview(now: figures.now, counts: figures.counts, due: figures.due)
        }
    }
}
