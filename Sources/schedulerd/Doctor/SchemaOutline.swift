/// The tables of `sql/schema.sql`, with their columns and the names of their indexes.
struct SchemaOutline: Sendable, Equatable {
    struct Column: Sendable, Equatable {
        let name: String
        /// Without the width in which integers would be shown, which not every server tells.
        let type: String

        /// - Parameter type: as SHOW CREATE TABLE has it, and what may follow.
        init(_ name: String, type: String) {
            self.name = name
            let words = type.split(separator: " ")
            let isUnsigned = words.count > 1 && words[1].hasPrefix("unsigned")
            var first = words.first ?? ""
            if first.last == "," { first.removeLast() }
            if first.contains("int("), let width = first.firstIndex(of: "(") { first = first[..<width] }
            self.type = isUnsigned ? first + " unsigned" : String(first)
        }
    }

    struct Table: Sendable, Equatable {
        var columns: [Column] = []
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
                    tables[name]?.columns.append(Column(String(quoted[1]), type: String(quoted[2].dropFirst())))
                } else if line.hasPrefix("  KEY `") || line.hasPrefix("  UNIQUE KEY `") {
                    tables[name]?.indexes.append(String(quoted[1]))
                }
            }
        }
    }

    /// - Parameters:
    ///   - columns: the types of the database's, by `table.column`, without a prefix.
    ///   - indexes: their names, likewise.
    func findings(columns: [String: String], indexes: Set<String>) -> [Finding] {
        var missing: [String] = []
        var other: [String] = []
        var slow: [String] = []
        for (name, table) in tables.sorted(by: { $0.key < $1.key }) {
            guard columns.keys.contains(where: { $0.hasPrefix(name + ".") }) else {
                missing.append("the table \(name)")
                continue
            }
            for column in table.columns {
                let path = "\(name).\(column.name)"
                guard let type = columns[path] else {
                    missing.append(path)
                    continue
                }
                let found = Column(column.name, type: type)
                if found != column { other.append("\(path) is \(found.type), not \(column.type)") }
            }
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
        if !other.isEmpty {
            findings.append(
                .problem(
                    "column types", other.joined(separator: ", "),
                    "change them to what sql/schema.sql has: values might be cut or refused"))
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
