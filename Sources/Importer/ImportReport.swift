/// What an import found, and what became of it.
package struct ImportReport: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case users
        case succeeded = "succeeded tasks"
        case failed = "failed tasks"
        case pending = "pending tasks"
        case attempts
    }

    package struct Count: Sendable, Equatable {
        package var imported = 0
        /// Imported by an earlier run.
        package var present = 0
        package var skipped = 0

        package init() {}

        package var found: Int { imported + present + skipped }
    }

    /// Why some were skipped, and one of them.
    package struct Skipped: Sendable, Equatable {
        package var kind: Kind
        package var reason: String
        package var example: String
        package var count = 1
    }

    package private(set) var skipped: [Skipped] = []
    /// Whatever else is to be said, a line each.
    package var notes: [String] = []
    private var counts: [Kind: Count] = [:]

    package init() {}

    package subscript(kind: Kind) -> Count {
        get { counts[kind] ?? Count() }
        set { counts[kind] = newValue }
    }

    package mutating func skip(_ kind: Kind, _ reason: String, _ example: String, count: Int = 1) {
        if count == 0 { return }
        self[kind].skipped += count
        if let index = skipped.firstIndex(where: { $0.kind == kind && $0.reason == reason }) {
            skipped[index].count += count
        } else {
            skipped.append(Skipped(kind: kind, reason: reason, example: example, count: count))
        }
    }

    /// A table, and a line for each reason.
    /// - Parameter isDryRun: nothing was imported, only counted.
    package func lines(isDryRun: Bool = false) -> [String] {
        func row(_ name: String, _ cells: [String]) -> String {
            name.padded(to: 16) + cells.map { $0.padded(to: 15, left: true) }.joined()
        }
        let kinds = Kind.allCases.filter { counts[$0] != nil }
        var lines = [row("", ["found", isDryRun ? "to import" : "imported", "there already", "skipped"])]
        for kind in kinds {
            let count = self[kind]
            lines.append(
                row(kind.rawValue, [count.found, count.imported, count.present, count.skipped].map(String.init)))
        }
        for skipped in skipped {
            lines.append(
                "skipped \(skipped.count) of \(skipped.kind.rawValue): \(skipped.reason), for instance \(skipped.example)"
            )
        }
        return lines + notes
    }
}

extension String {
    fileprivate func padded(to width: Int, left: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - count))
        return left ? blanks + self : self + blanks
    }
}
