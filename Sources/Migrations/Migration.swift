package import MySQL

/// One file of `sql/migrations`, with the files of `sql/reports` that it names: forward only, never changed once released.
package struct Migration: Sendable, Equatable {
    package let version: Int
    package let name: String
    /// The file with what it includes; the checksum is taken of it.
    package let text: String
    /// The statements in order; each is one step.
    package let steps: [String]

    /// - Parameter fileName: `V0001__first_schema.sql`.
    package init?(fileName: String, text: String) {
        guard fileName.hasPrefix("V"), fileName.hasSuffix(".sql") else { return nil }
        let parts = fileName.dropFirst().dropLast(4).split(separator: "_", maxSplits: 1)
        guard parts.count == 2, let version = Int(parts[0]), parts[1].hasPrefix("_") else { return nil }
        self.version = version
        name = String(parts[1].dropFirst())
        self.text = text
        steps = Self.statements(of: text)
    }

    /// Statements end with a semicolon at the end of a line, the last one also with the text; lines that begin with `--`
    /// are comments.
    private static func statements(of text: String) -> [String] {
        var statements: [String] = []
        var current: [Substring] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("--") { continue }
            if line.hasSuffix(";") {
                statements.append((current + [line.dropLast()]).joined(separator: "\n"))
                current = []
            } else {
                current.append(line)
            }
        }
        if current.contains(where: { !$0.allSatisfy(\.isWhitespace) }) {
            statements.append(current.joined(separator: "\n"))
        }
        return statements
    }

    /// A step with the table prefix put in.
    package func statement(_ step: Int, prefix: String) -> String {
        steps[step].split(separator: "{prefix}", omittingEmptySubsequences: false).joined(separator: prefix)
    }

    /// All migrations of this build, in order.
    package static let all: [Migration] = EmbeddedFiles.all.filter { !ReportView.isOne($0.name) }
        .map { file in
            guard let migration = Migration(fileName: file.name, text: ReportView.included(in: file.text)) else {
                preconditionFailure("\(file.name) is not named like V0001__what_it_does.sql")
            }
            return migration
        }.sorted { $0.version < $1.version }
}

/// A migration, and what the database knows of it.
package struct MigrationStatus: Sendable, Equatable, CustomStringConvertible {
    package enum State: Sendable, Equatable {
        case pending
        case applied(at: Timestamp)
        /// The program or the server ended within this step (counted from 1): it may have taken effect or not.
        case halfApplied(step: Int, statement: String)
        /// It ended between two steps, where nothing is in doubt: the next `up` goes on.
        case interrupted(stepsDone: Int)
        /// The file is not the one that was applied.
        case changed
        /// Applied by a newer build.
        case unknown
    }

    package let version: Int
    package let name: String
    package let state: State

    package var description: String {
        let what =
            switch state {
            case .pending: "pending"
            case .applied: "applied"
            case .halfApplied(let step, let statement):
                "half applied: step \(step) was begun and not seen to end: \(statement.prefix(80))…"
            case .interrupted(let stepsDone): "interrupted after step \(stepsDone)"
            case .changed: "changed after it was applied"
            case .unknown: "not known to this build: a newer one applied it"
            }
        return "V\(String(10_000 + version).dropFirst()) \(name): \(what)"
    }
}
