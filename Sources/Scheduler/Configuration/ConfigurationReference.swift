/// The files that tell people about the keys, made from the table: `config/schedulerd.yaml` and
/// `docs/configuration.md`. A test holds the files equal to this.
package enum ConfigurationReference {
    /// Every key with its default, unit and meaning, as a file that can be loaded and gives the defaults.
    ///
    /// `slave_db` is commented out, because setting any of its keys turns the replica on. Keys without meaning are
    /// left out.
    package static var yaml: String {
        var lines = [
            "# The configuration of schedulerd: every key, with its default.",
            "#",
            "# A key that is left out or has no value takes its default, so a file of one's own needs only what differs.",
            "# The file is checked as a whole at start; an unknown key or a value out of range is an error.",
            "# Each key can be overridden by an environment variable: server.port by SCHEDULERD_SERVER_PORT.",
            "# The numbers in brackets are the accepted range. The same as a table: docs/configuration.md",
        ]
        for section in ConfigurationTable.sections {
            let keys = section.keys.filter { $0.effect != .none }
            guard !keys.isEmpty else { continue }
            let depth = section.path.isEmpty ? 0 : section.path.split(separator: ".").count
            let isOff = section.path == "slave_db"
            var block: [String] = []
            if depth > 0 {
                let indent = String(repeating: "  ", count: depth - 1)
                let inherits = isOff ? " The keys below without a value take that of master_db." : ""
                block += wrapped(section.doc + inherits, indent: indent)
                block.append(indent + ConfigurationKey.split(section.path).name + ":")
            }
            let indent = String(repeating: "  ", count: depth)
            for key in keys {
                if case .entries(let table) = key.kind {
                    block += example(key, table, indent: indent)
                    if depth == 0 { block.append("") }
                    continue
                }
                if !isOff || key.inherits == nil { block += wrapped(comment(key), indent: indent) }
                block.append(indent + "\(key.name):" + (key.inherits == nil ? " " + key.standard.yaml : ""))
                if depth == 0 { block.append("") }
            }
            if depth == 0 { block.removeLast() }
            lines.append("")
            lines += isOff ? block.map { $0.hasPrefix("#") ? $0 : "# " + $0 } : block
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A list with one entry that has every key, commented out.
    private static func example(_ key: ConfigurationKey, _ table: ConfigurationEntryTable, indent: String) -> [String] {
        var lines = wrapped(key.doc, indent: indent) + [indent + "# \(key.name):"]
        for (index, field) in table.fields.enumerated() {
            let otherwise = field.otherwise.map { " Default: \($0)." } ?? " Every entry needs it."
            lines += wrapped(comment(field.key) + otherwise, indent: indent + (index == 0 ? "#   " : "#     "))
            lines.append(indent + (index == 0 ? "#   - " : "#     ") + "\(field.key.name): \(field.example.yaml)")
        }
        return lines
    }

    private static func comment(_ key: ConfigurationKey) -> String {
        let unit = key.unit.map { " " + $0.rawValue } ?? ""
        return switch key.kind {
        case .integer(let range, nil):
            "\(key.doc) [\(range.lowerBound) to \(range.upperBound)\(unit)]"
        case .integer(let range, let zero?):
            "\(key.doc) [\(range.lowerBound) to \(range.upperBound)\(unit), or 0: \(zero)]"
        case .text(.line), .text(.host), .text(.path), .entries: key.doc
        case .text, .choice, .choices, .addressRanges, .webhookSecrets: "\(key.doc) [\(key.kind.accepted)]"
        case .delays: "\(key.doc) [\(key.kind.accepted)\(unit)]"
        case .retryTable: "\(key.doc) [\(key.kind.accepted): retry 1 after 5 seconds]"
        }
    }

    /// Comment lines of at most 120 characters.
    private static func wrapped(_ text: String, indent: String) -> [String] {
        var lines: [String] = []
        var line = indent + "#"
        for word in text.split(separator: " ") {
            if line.count + 1 + word.count > 120 {
                lines.append(line)
                line = indent + "#"
            }
            line += " " + word
        }
        return lines + [line]
    }
}

extension ConfigurationReference {
    /// The reference for readers.
    package static var markdown: String {
        var lines = [
            "# Configuration",
            "",
            "schedulerd reads one YAML file, `config/schedulerd.yaml` in its example form. The whole file is checked at",
            "start; every problem is reported with file, line, column, key and what is accepted, and nothing is started.",
            "",
            "- A key that is left out, or has no value, takes its default. So does every key of a section without keys.",
            "- Unknown keys, keys given twice, values of the wrong type or out of range, and values that contradict each",
            "  other are errors. Anchors, aliases and second documents are not accepted.",
            "- Each key has an environment variable, which overrides the file: `SCHEDULERD_` and the path in capitals",
            "  with `_` for the dots, so `server.port` is `SCHEDULERD_SERVER_PORT`. Lists are written with commas. An",
            "  empty variable means the default. A variable `SCHEDULERD_…` that names no key is an error, except",
            "  `SCHEDULERD_CONFIG`, `SCHEDULERD_URL`, `SCHEDULERD_API_KEY` and `SCHEDULERD_API_KEY_FILE`, which the",
            "  commands use. (In Kubernetes, a service called `schedulerd` injects such variables into pods: set",
            "  `enableServiceLinks: false`.)",
            "- Lists of entries (`intake.sources`, `destinations`) can be written in the file only: a variable for one",
            "  is an error.",
            "- A key marked *live* takes effect while the process runs, as soon as the file has changed or on SIGHUP; the",
            "  others at the next start. See [operations](operations.md#change-the-configuration).",
            "- Options of the command line go before variables: `--roles`, `--pid-file`, `--log-file`.",
            "- The file of the old delay_queue program is accepted as it is. Its keys that have no meaning here cause a",
            "  warning each. The file of delayQS is described [at the end](#the-file-of-delayqs).",
            "",
            "<!-- The tables are made from the table of keys in Sources/Scheduler/Configuration; a test compares. -->",
        ]
        for section in ConfigurationTable.sections {
            lines += [
                "", section.path.isEmpty ? "## Outside every section" : "## `\(section.path)`", "", section.doc, "",
            ]
            lines += ["| Key | Default | Unit | Accepted | Live | Meaning |", "|---|---|---|---|---|---|"]
            lines += section.keys.map(row)
            for key in section.keys {
                if case .entries(let table) = key.kind {
                    lines += ["", "### An entry of `\(key.path)`", ""] + entries(table)
                }
            }
        }
        lines += [
            "", "## The file of delayQS", "",
            "`schedulerd serve --delayqs-config conf/config.json` reads the configuration of delayQS as it is and makes one",
            "more entry of `intake.sources` of it, a sorted set; without `intake.sources` there is the list `queue.key`",
            "beside it. `--config` may then be left out: the defaults and the environment hold. A user's name in the URL is",
            "ignored, as delayQS did. Keys without meaning here cause a warning each. The file is watched like the other.",
            "",
        ]
        lines += entries(DelayQSFile.table)
        let unused = DelayQSFile.table.fields.filter { $0.key.effect == .none }.map { "`\($0.key.name)`" }
        lines += ["", "Without meaning: \(unused.joined(separator: ", "))."]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func entries(_ table: ConfigurationEntryTable) -> [String] {
        ["| Key | Default | Unit | Accepted | Meaning |", "|---|---|---|---|---|"]
            + table.fields.filter { $0.key.effect != .none }.map { field in
                let cells = [
                    "`\(field.key.name)`", field.otherwise ?? "needed", field.key.unit?.rawValue ?? "",
                    field.key.kind.accepted, field.key.doc,
                ]
                return "| " + cells.joined(separator: " | ") + " |"
            }
    }

    private static func row(_ key: ConfigurationKey) -> String {
        let standard =
            if let inherits = key.inherits {
                "that of `\(inherits)`"
            } else if case .entries = key.kind {
                "not set"
            } else if key.standard == "" {
                "empty"
            } else {
                "`\(key.standard.yaml)`"
            }
        let cells = [
            "`\(key.name)`", standard, key.unit?.rawValue ?? "", accepted(key), key.effect == .live ? "live" : "",
            key.doc,
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func accepted(_ key: ConfigurationKey) -> String {
        if case .entries = key.kind { "a list of entries, see below" } else { key.kind.accepted }
    }
}
