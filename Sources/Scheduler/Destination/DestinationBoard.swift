import Synchronization

/// What the database says of destinations, as this instance last read it, and what this instance has to tell.
package final class DestinationBoard: Sendable {
    /// As of one look.
    package struct View: Sendable, Equatable {
        package var records: [String: DestinationRecord] = [:]
        /// Of limits that hold for all instances together.
        package var share = ShareOfLimit.none
        /// Counts the changes.
        fileprivate var revision = 0

        package init() {}

        package static func == (left: View, right: View) -> Bool { left.revision == right.revision }
    }

    private struct State {
        var view = View()
        var share = SettledShare()
        var reports: [String: DestinationReport] = [:]
        var isKnown = false
    }

    /// Given when there is something to tell, or something is known to have changed.
    package let changed = Signal()
    /// Given when it has been read for the first time.
    private let known = Signal()
    private let state = Mutex(State())

    package init() {}

    package var view: View { state.withLock { $0.view } }

    /// - Parameter patience: for how long other instances may go by what they knew before.
    package func setShare(_ share: ShareOfLimit, now: ContinuousClock.Instant, patience: Duration) {
        state.withLock { state in
            state.share.set(share, now: now, patience: patience)
            if state.view.share == state.share.inForce { return }
            state.view.share = state.share.inForce
            state.view.revision += 1
        }
    }

    /// Returns when it has been read, or when the task is cancelled: before that nobody knows what may be called.
    func waitUntilKnown() async {
        while !state.withLock({ $0.isKnown }), !Task.isCancelled { await known.wait() }
    }

    func set(_ records: [DestinationRecord]) {
        defer { known.notify() }
        state.withLock { state in
            state.isKnown = true
            let records = Dictionary(records.map { ($0.url, $0) }) { first, _ in first }
            if state.view.records == records { return }
            state.view.records = records
            state.view.revision += 1
        }
    }

    func report(_ reports: [DestinationReport]) {
        // Longer than the table has room for, and nothing that a person would name.
        let reports = reports.filter { !$0.url.isEmpty && $0.url.unicodeScalars.count <= 500 }
        if reports.isEmpty { return }
        state.withLock { state in
            for report in reports { state.reports[report.url] = report }
        }
        changed.notify()
    }

    func takeReports() -> [DestinationReport] {
        state.withLock { state in
            defer { state.reports = [:] }
            return state.reports.values.sorted { $0.url < $1.url }
        }
    }

    /// They could not be written. What was found out meanwhile is newer.
    func putBack(_ reports: [DestinationReport]) {
        state.withLock { state in
            for report in reports where state.reports[report.url] == nil { state.reports[report.url] = report }
        }
    }
}
