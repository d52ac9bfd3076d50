import Foundation
import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// The worked clients in examples/clients, each with an API key against a real server. One whose language is not here is
/// left out.
@Suite struct ClientTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples/clients").path

    struct Client: Sendable, CustomTestStringConvertible {
        let needs: [String]
        let command: [String]

        var testDescription: String { needs[0] }

        var isHere: Bool {
            let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            return needs.allSatisfy { program in
                path.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
            }
        }

        static let all = [
            Client(needs: ["bash", "curl", "jq"], command: ["bash", "\(folder)/client.sh"]),
            Client(needs: ["php"], command: ["php", "\(folder)/client.php"]),
            Client(needs: ["python3"], command: ["python3", "\(folder)/client.py"]),
            Client(needs: ["go"], command: ["go", "run", "\(folder)/client.go"]),
            Client(
                needs: ["swiftc"],
                command: [
                    "bash", "-c",
                    "swiftc -parse-as-library -o \"$0/client\" \(folder)/client.swift && exec \"$0/client\" \"$1\"",
                ]),
        ]
    }

    @Test(arguments: Client.all.filter(\.isHere))
    func itsTaskIsCalled(client: Client) async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await ScratchFolder.with { scratch in
                try await Program.with { program in
                    let port = UInt16.random(in: 20_000...31_000)
                    let config = try program.write(
                        database.yaml(authentication: "keys") + "server: {host: 127.0.0.1, port: \(port)}\n",
                        to: "schedulerd.yaml")
                    let made = try await program.run("key", "add", "client", "--config", config)
                    let key = String(try #require(made.output.split(separator: "\n").last))
                    try await program.running("serve", "--config", config, "--roles", "api,worker") { _ in
                        let url = "http://127.0.0.1:\(port)"
                        try await eventually {
                            let ready = try await ChildProcess.run(["curl", "-sf", "\(url)/readyz"], in: scratch)
                            return ready.status == 0
                        }
                        let done = try await ChildProcess.run(
                            client.command + (client.needs == ["swiftc"] ? [scratch.path("")] : [])
                                + [receiver.url("/hook")],
                            environment: ["SCHEDULERD_URL": url, "SCHEDULERD_API_KEY": key], in: scratch)
                        #expect(done.status == 0, "\(done.output)")
                        let words = done.output.split(whereSeparator: \.isWhitespace)
                        #expect(words.last == "succeeded", "\(done.output)")
                        #expect(receiver.taskIDs.map(\.description) == words.first.map { [String($0)] })
                    }
                }
            }
        }
    }
}
