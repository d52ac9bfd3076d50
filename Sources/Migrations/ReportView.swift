/// One version of a view for reports: a file of `sql/reports`, which a migration includes by `{sql/reports/FILE}`.
///
/// The file is a SELECT. The comment before it tells what a row is, and each column of the view is on a line that ends with
/// `AS name, -- what it is`: the servers keep no comments of a view's columns, so the reference is made from the files.
package struct ReportView: Sendable {
    package struct Column: Sendable {
        package let name: String
        package let comment: String
    }

    /// Without the prefix: `report_tasks`.
    package let name: String
    package let version: Int
    /// What a row is.
    package let comment: String
    package let columns: [Column]
    private let fileName: String
    private let text: String

    /// - Parameter fileName: `report_tasks.1.sql`.
    package init?(fileName: String, text: String) {
        guard let match = fileName.wholeMatch(of: /(report_[a-z_]+)\.([1-9][0-9]*)\.sql/), let version = Int(match.2)
        else { return nil }
        name = String(match.1)
        self.version = version
        self.fileName = fileName
        self.text = text
        let lines = text.split(separator: "\n")
        comment = lines.prefix { $0.hasPrefix("-- ") }.map { $0.dropFirst(3) }.joined(separator: " ")
        columns = lines.compactMap { line in
            line.wholeMatch(of: /.* AS ([a-z0-9_]+),? -- (.+)/).map {
                Column(name: String($0.1), comment: String($0.2))
            }
        }
    }

    /// The newest version of each view, by name.
    package static let all: [ReportView] = {
        let newest = Dictionary(versions.map { ($0.name, $0) }) { $0.version > $1.version ? $0 : $1 }
        return newest.values.sorted { $0.name < $1.name }
    }()

    private static let versions = EmbeddedFiles.all.compactMap { ReportView(fileName: $0.name, text: $0.text) }

    /// A migration's text with the files that it names.
    static func included(in text: String) -> String {
        versions.reduce(text) { text, view in
            text.split(separator: "{sql/reports/\(view.fileName)}", omittingEmptySubsequences: false)
                .joined(separator: view.text)
        }
    }

    /// Whether a file of the embedded ones is a view's.
    static func isOne(_ fileName: String) -> Bool { ReportView(fileName: fileName, text: "") != nil }
}
