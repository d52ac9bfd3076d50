/// The tables of `sql/schema.sql`, with the names of their columns and indexes.
struct SchemaOutline: Sendable, Equatable {
    struct Table: Sendable, Equatable {
        var columns: [String] = []
        var indexes: [String] = []
    }

    /// By name, without a prefix.
    private(set) var tables: [String: Table] = [:]

    /// What this build needs.
    static let expected = SchemaOutline(text: EmbeddedFiles.all.first { $0.name == "schema.sql" }?.text ?? "")

    /// - Parameter text: statements of SHOW CREATE TABLE.
    init(text: String) {
        var name: String?
        for line in text.split(separator: "\n") {
            let quoted = line.split(separator: "`", omittingEmptySubsequences: false)
            if line.hasPrefix("CREATE TABLE `"), quoted.count > 2 {
                name = String(quoted[1])
                tables[String(quoted[1])] = Table()
            } else if let name, quoted.count > 2 {
                if line.hasPrefix("  `") {
                    tables[name]?.columns.append(String(quoted[1]))
                } else if line.hasPrefix("  KEY `") || line.hasPrefix("  UNIQUE KEY `") {
                    tables[name]?.indexes.append(String(quoted[1]))
                }
            }
        }
    }

    /// - Parameters:
    ///   - columns: those of the database, as `table.column`, without a prefix.
    ///   - indexes: likewise.
    func findings(columns: Set<String>, indexes: Set<String>) -> [Finding] {
        var missing: [String] = []
        var slow: [String] = []
        for (name, table) in tables.sorted(by: { $0.key < $1.key }) {
            guard columns.contains(where: { $0.hasPrefix(name + ".") }) else {
                missing.append("the table \(name)")
                continue
            }
            missing += table.columns.map { "\(name).\($0)" }.filter { !columns.contains($0) }
            slow += table.indexes.map { "\(name).\($0)" }.filter { !indexes.contains($0) }
        }
        var findings: [Finding] = []
        if !missing.isEmpty {
            findings.append(
                .problem(
                    "schema", "lacks \(missing.joined(separator: ", "))",
                    "run `schedulerd migrate up`; when it has nothing to do somebody changed the tables by hand, and "
                        + "sql/schema.sql tells how they were"))
        }
        if !slow.isEmpty {
            findings.append(
                .problem(
                    "indexes", "lack \(slow.joined(separator: ", "))",
                    "make them again as sql/schema.sql has them: without them claims and pages read whole tables"))
        }
        return findings.isEmpty ? [.ok("schema", "\(tables.count) tables have what this build needs")] : findings
    }
}
