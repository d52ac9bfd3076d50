import Foundation
import Scheduler
import Testing

/// The reference file and the reference table say what the table of keys says.
///
/// After a key was added or changed, write both files anew with
/// `SCHEDULERD_TEST_WRITE_REFERENCE=1 swift test --filter ConfigurationReferenceTests`, read the difference and
/// commit it with the change.
@Suite(.serialized) struct ConfigurationReferenceTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test(arguments: ["config/schedulerd.yaml", "docs/configuration.md"])
    func fileEqualsTable(path: String) throws {
        let generated = path.hasSuffix(".md") ? ConfigurationReference.markdown : ConfigurationReference.yaml
        let file = Self.root.appending(path: path)
        if ProcessInfo.processInfo.environment["SCHEDULERD_TEST_WRITE_REFERENCE"] == "1" {
            try Data(generated.utf8).write(to: file)
        }
        let written = try String(contentsOf: file, encoding: .utf8)
        #expect(written == generated, "\(path) is behind the table of keys; see this suite's comment")
    }

    @Test func referenceFileLoadsAsTheDefaults() throws {
        let file = Self.root.appending(path: "config/schedulerd.yaml").path
        let loaded = try Configuration.load(file: file, environment: [:])
        #expect(loaded.configuration == Configuration())
        #expect(loaded.warnings.isEmpty)
    }

    @Test func referenceFileHasEveryKeyThatHasMeaning() throws {
        let lines = ConfigurationReference.yaml.split(separator: "\n")
        for section in ConfigurationTable.sections {
            for key in section.keys where key.effect != .none {
                let prefix = section.path == "slave_db" ? "# " : ""
                let indent = section.path.isEmpty ? 0 : 2 * section.path.split(separator: ".").count
                let comment = if case .entries = key.kind { "# " } else { "" }
                let start = prefix + String(repeating: " ", count: indent) + comment + key.name + ":"
                #expect(lines.contains { $0.hasPrefix(start) }, "\(key.path)")
            }
        }
    }

    /// The commented section, uncommented, is a section that loads: the replica is the master by another address.
    @Test func replicaSectionCanBeUncommented() throws {
        var isReplica = false
        let lines = ConfigurationReference.yaml.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line == "# slave_db:" { isReplica = true }
            if line.isEmpty { isReplica = false }
            return isReplica && line.hasPrefix("# ") ? String(line.dropFirst(2)) : String(line)
        }
        let yaml = lines.joined(separator: "\n").replacing("db_user: schedulerd", with: "db_user: anna")
        let loaded = try Configuration.load(yaml: yaml, name: "reference")
        #expect(loaded.configuration.slaveDB == loaded.configuration.masterDB)
        #expect(loaded.configuration.slaveDB?.user == "anna")
    }

    /// The commented lists of entries, uncommented, load; each key of their tables is in them.
    @Test func listsOfEntriesCanBeUncommented() throws {
        var depth: Int?
        var lines: [String] = []
        for line in ConfigurationReference.yaml.split(separator: "\n", omittingEmptySubsequences: false) {
            let indent = line.prefix { $0 == " " }.count
            let comment = line.dropFirst(indent)
            if depth == nil, ["# sources:", "# destinations:"].contains(comment) { depth = indent }
            guard depth == indent, comment.hasPrefix("# ") else {
                depth = nil
                lines.append(String(line))
                continue
            }
            lines.append(String(repeating: " ", count: indent) + comment.dropFirst(2))
        }
        let loaded = try Configuration.load(yaml: lines.joined(separator: "\n"), name: "reference")
        #expect(loaded.warnings.isEmpty)
        let source = try #require(loaded.configuration.intake.sources.first)
        #expect(source.kind == .sortedSet)
        #expect(source.redis.port == 6380)
        #expect(source.failKey != nil)
        let destination = try #require(loaded.configuration.destinations.first)
        #expect(!destination.secrets.isEmpty)
        #expect(destination.md5Key != nil)
        for section in ConfigurationTable.sections {
            for case .entries(let table) in section.keys.map(\.kind) {
                for field in table.fields { #expect(lines.contains { $0.contains(" \(field.key.name): ") }) }
            }
        }
    }

    @Test func everyDefaultIsAcceptedByItsOwnKey() throws {
        for key in ConfigurationTable.keys {
            switch key.standard {
            case .list(let elements): #expect(try key.kind.value(of: elements) == key.standard)
            case .integer(let number):
                #expect(try key.kind.value(of: "\(number)", default: key.standard) == key.standard)
            case .text(let text): #expect(try key.kind.value(of: text, default: key.standard) == key.standard)
            case .entries(let entries): #expect(entries.isEmpty)
            }
        }
    }

    @Test func everyPathAndVariableIsUnique() {
        #expect(Set(ConfigurationTable.keys.map(\.path)).count == ConfigurationTable.keys.count)
        #expect(Set(ConfigurationTable.keys.map(\.variable)).count == ConfigurationTable.keys.count)
    }

    /// No key is read and forgotten: each one, set to something else, changes the configuration.
    @Test(arguments: ConfigurationTable.keys.filter { $0.effect != .none && $0.effect != .fixed && !$0.hasEntries })
    func everyKeyReachesTheConfiguration(key: ConfigurationKey) throws {
        let other =
            switch key.kind {
            // Near the default, so that no other key is contradicted.
            case .integer(let range, _):
                switch key.standard {
                case .integer(let number) where range.contains(number - 1): "\(number - 1)"
                case .integer(let number) where range.contains(number + 1): "\(number + 1)"
                default: "\(range.lowerBound)"
                }
            case .text(.socket): "/run/x.sock"
            case .text(.sealKey): Base64.encode([UInt8](repeating: 7, count: 32))
            case .text: "other"
            case .choice(let words): words.first { .text($0) != key.standard } ?? ""
            case .choices: "admin"
            case .addressRanges: "10.0.0.0/8"
            case .retryTable: "1_7"
            case .delays, .webhookSecrets, .entries: ""
            }
        var expected = Configuration()
        if key.section == "slave_db" { expected.slaveDB = expected.masterDB }
        let loaded = try Configuration.load(yaml: "", name: "none", environment: [key.variable: other])
        #expect(loaded.configuration != expected)
        #expect(loaded.warnings.isEmpty)
    }
}

extension ConfigurationKey: CustomTestStringConvertible {
    package var testDescription: String { path }

    fileprivate var hasEntries: Bool {
        if case .entries = kind { true } else { false }
    }
}
