import ArgumentParser
import Scheduler

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the database, Redis and this machine, and say what to change and why.",
        discussion: """
            It changes nothing and can be run beside running instances, with the same configuration as they have. The
            status is 1 when there is a problem, and 0 when there are warnings only.

            Examples:
              schedulerd doctor --config /etc/schedulerd/schedulerd.yaml
              schedulerd doctor --config schedulerd.yaml --json | jq '.findings[] | select(.level != "ok")'
            """)

    @OptionGroup var file: ConfigurationFile
    @Flag(help: "Print a JSON document.") var json = false

    func run() throws {
        let loaded = try file.load()
        let warnings = loaded.warnings.map {
            Finding.warning("configuration", "\($0)", "take it out, or see whether another key was meant")
        }
        let findings =
            warnings + [DescriptorCheckup(loaded.configuration).finding]
            + DatabaseCheckup(configuration: loaded.configuration).findings()
            + ReplicaCheckup(configuration: loaded.configuration).findings()
            + RedisCheckup(configuration: loaded.configuration).findings()
        print(json ? Self.document(findings) : Self.text(findings))
        if findings.contains(where: { $0.level == .problem }) { throw ExitCode.failure }
    }

    static func text(_ findings: [Finding]) -> String {
        var lines = findings.flatMap { finding -> [String] in
            let level = finding.level.rawValue.padded(to: 8)
            return ["\(level) \(finding.subject): \(finding.state)"]
                + (finding.advice.map { ["         → \($0)"] } ?? [])
        }
        func count(_ level: Finding.Level) -> Int { findings.filter { $0.level == level }.count }
        lines.append("")
        lines.append("\(count(.ok)) ok, \(count(.warning)) warnings, \(count(.problem)) problems")
        return lines.joined(separator: "\n")
    }

    static func document(_ findings: [Finding]) -> String {
        var writer = JSONWriter(capacity: 4096)
        writer.object { document in
            document.member("worst", (findings.map(\.level).max() ?? .ok).rawValue)
            document.array("findings") { array in
                for finding in findings {
                    array.object { object in
                        object.member("level", finding.level.rawValue)
                        object.member("subject", finding.subject)
                        object.member("state", finding.state)
                        object.member("advice", finding.advice)
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
