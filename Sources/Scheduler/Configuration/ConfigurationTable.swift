/// All keys, in the order of the reference file. The parser, the environment's names, `config/schedulerd.yaml` and
/// `docs/configuration.md` all come from here.
package enum ConfigurationTable {
    /// A group of keys.
    package struct Section: Sendable, Hashable {
        /// The path; empty for the keys outside every section.
        package let path: String
        /// What the section is about, in a sentence.
        package let doc: String
        package let keys: [ConfigurationKey]

        init(_ path: String, _ doc: String, _ keys: [ConfigurationKey]) {
            self.path = path
            self.doc = doc
            self.keys = keys.map { key in
                ConfigurationKey(
                    path.isEmpty ? key.path : path + "." + key.path, key.kind, key.standard, unit: key.unit,
                    effect: key.effect, secret: key.isSecret, inherits: key.inherits, key.doc)
            }
        }
    }

    package static let sections: [Section] =
        [process] + connections + engine + [legacy, retention, shutdown, log]

    package static let keys: [ConfigurationKey] = sections.flatMap(\.keys)

    private static let keysByPath = Dictionary(uniqueKeysWithValues: keys.map { ($0.path, $0) })

    package static func key(_ path: String) -> ConfigurationKey? {
        keysByPath[path]
    }

    /// Whether the path is that of a section, or of a section's parent.
    package static func isSection(_ path: String) -> Bool {
        sections.contains { $0.path == path || $0.path.hasPrefix(path + ".") }
    }

    /// The names that may stand directly in a section: keys first, then sections.
    package static func names(in section: String) -> [String] {
        var names = keys.filter { $0.section == section && $0.effect != .none }.map(\.name)
        for other in sections where !other.path.isEmpty {
            let parent = ConfigurationKey.split(other.path)
            if parent.section == section, !names.contains(parent.name) { names.append(parent.name) }
        }
        return names
    }

    private static let process = Section(
        "", "The process.",
        [
            ConfigurationKey(
                "roles", .choices(["api", "admin", "intake", "worker"]), ["api", "admin", "intake", "worker"],
                "What this process does: api takes tasks over HTTP, admin serves the administration pages, intake "
                    + "takes tasks from Redis, worker runs them."),
            ConfigurationKey(
                "instance_name", .text(.name), "",
                "How this instance is called in logs and tables; empty: the host name."),
            ConfigurationKey(
                "pid_file", .text(.path), "",
                "The file that holds the id of this process, locked while it runs; schedulerd start, stop, restart and "
                    + "status go by it. Empty: none."),
            ConfigurationKey(
                "destinations", .entries(destination), .entries([]), effect: .live,
                "What holds for calls to certain URLs. Of the entries whose url a call's URL begins with, the "
                    + "longest counts."),
        ])

    private static let legacy = Section(
        "legacy", "What producers and receivers of the old program see.",
        [
            ConfigurationKey(
                "get_param", .choice(["ignore", "query"]), "ignore", effect: .live,
                "What becomes of notify_param when the method is GET: ignore leaves it out, as the old program did; "
                    + "query appends it to the URL as its query string."),
            ConfigurationKey(
                "networks", .addressRanges, .list(privateNetworks), effect: .live,
                "From where the old endpoint /api/task/save takes tasks without a key; the standard is this machine and "
                    + "private addresses. A proxy's clients count only if it is one of server.trusted_proxies."),
        ])

    /// Loopback, link-local and private addresses (RFC 1918, RFC 3927, RFC 4193, RFC 4291).
    private static let privateNetworks = [
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128", "fc00::/7",
        "fe80::/10",
    ]

    private static let retention = Section(
        "retention", "How history is kept.",
        [
            ConfigurationKey(
                "days", .integer(1...36_500, zero: "for ever"), 30, unit: .days, effect: .live,
                "How long tasks are kept after they have ended, with their attempts; then whole days are dropped."),
            ConfigurationKey(
                "export_folder", .text(.path), "", effect: .live,
                "The folder that days are written to before they are dropped, compressed; empty: they are not."),
            ConfigurationKey(
                "export_format", .choice(["csv", "jsonl"]), "csv", effect: .live,
                "How they are written: CSV (RFC 4180) or JSON Lines."),
            ConfigurationKey(
                "partitions_ahead_days", .integer(1...366), 7, unit: .days, effect: .live,
                "For how many days to come the tables have their partitions made in advance."),
            ConfigurationKey(
                "rollups_days", .integer(1...3650), 90, unit: .days, effect: .live,
                "How long the counts per minute are kept that figures and reports are made of."),
        ])

    private static let shutdown = Section(
        "shutdown", "How the process ends.",
        [
            ConfigurationKey(
                "drain_s", .integer(0...3600), 20, unit: .seconds, effect: .live,
                "How long calls that run may take to finish after SIGTERM, before they are cut off.")
        ])

    private static let log = Section(
        "log", "The log.",
        [
            ConfigurationKey(
                "level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), "info",
                effect: .live, "The least severe message that is written."),
            ConfigurationKey(
                "format", .choice(["text", "json"]), "text", effect: .live,
                "text for people, json for collectors: one object in a line."),
            ConfigurationKey(
                "file", .text(.path), "",
                "The file it is appended to; opened anew on SIGHUP. Empty: standard error."),
            ConfigurationKey(
                "roll", .choice(["daily", "never"]), "daily", effect: .live,
                "daily renames the file at midnight UTC to FILE.YYYY-MM-DD and begins it anew; never is for logrotate."),
            ConfigurationKey(
                "keep_files", .integer(1...3650, zero: "all"), 30, effect: .live,
                "How many of the renamed files are kept."),
        ])
}
