import TestSupport
import Testing

@Suite struct SystemdTests {
    /// The unit has no mistake, and gives away little of the machine: 10 is all, 0 nothing.
    @Test func theUnitIsValidAndTight() async throws {
        try await ScratchFolder.with { scratch in
            let unit = try Example.read(
                "systemd/schedulerd.service", replacing: [("/usr/local/bin/schedulerd", ChildProcess.schedulerd)])
            try scratch.write("schedulerd.service", unit)
            let verify = try await ChildProcess.run(
                ["systemd-analyze", "verify", scratch.path("schedulerd.service")], in: scratch)
            #expect(verify.status == 0, "\(verify.output)")
            #expect(verify.output == "")
            let security = try await ChildProcess.run(
                [
                    "systemd-analyze", "security", "--offline=true", "--threshold=20",
                    scratch.path("schedulerd.service"),
                ],
                in: scratch)
            #expect(security.status == 0, "\(security.output)")
        }
    }

    /// The time that systemd gives is longer than what the process takes at most.
    @Test func stoppingMayTakeAsLongAsTheDrain() throws {
        for (file, key) in [
            ("systemd/schedulerd.service", "TimeoutStopSec="), ("supervisor/schedulerd.conf", "stopwaitsecs="),
        ] {
            let lines = try Example.read(file, replacing: []).split(separator: "\n").filter { $0.hasPrefix(key) }
            #expect(!lines.isEmpty)
            for line in lines { #expect(Int(line.dropFirst(key.count))! > 20 + 10 + 10) }
        }
    }
}
