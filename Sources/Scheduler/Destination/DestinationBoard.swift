import Synchronization

/// What the database says of destinations, as this instance last read it, and what this instance has to tell.
package final class DestinationBoard: Sendable {
    /// As of one look.
    package struct View: Sendable, Equatable {
        package var records: [String: DestinationRecord] = [:]
        /// Of limits that hold for all instances together.
        package var share = ShareOfLimit(rank: 0, members: 1)
        /// Counts the changes.
        fileprivate var revision = 0

        package init() {}

        package static func == (left: View, right: View) -> Bool { left.revision == right.revision }
    }

    private struct State {
        var view = View()
        var reports: [String: DestinationReport] = [:]
    }

    /// Given when there is something to tell, or something is known to have changed.
    package let changed = Signal()
    private let state = Mutex(State())

    package init() {}

    package var view: View { state.withLock { $0.view } }

    package func setShare(_ share: ShareOfLimit) {
        state.withLock { state in
            if state.view.share == share { return }
            state.view.share = share
            state.view.revision += 1
        }
    }

    func set(_ records: [DestinationRecord]) {
        state.withLock { state in
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
