import FoundationEssentials
import MySQL
import Scheduler
import TestSupport
import Testing

@testable import schedulerd

/// Keys made and ended on the command line, and a server that asks for them.
@Suite struct KeyTests {
    @Test func aKeyIsMadeUsedAndEnded() async throws {
        try await TestDatabase.migrated { database in
            try await Program.with { program in
                let config = try program.write(
                    database.yaml(authentication: "keys") + "server: {port: 0}\nroles: [api, worker]\n",
                    to: "config.yaml")
                try await program.running("serve", "--config", config) { _ in
                    try await eventually { program.text("errors").contains("there are no API keys") }
                    try await eventually { program.text("errors").contains("port=") }
                    let line = try #require(
                        program.text("errors").split(separator: "\n").first { $0.contains("port=") })
                    let server = "http://127.0.0.1:\(try #require(line.split(separator: "port=").last))"
                    #expect(try await APIClient(server: server).call("GET", "/v1/tasks").status == 401)

                    let made = try await program.run("key", "add", "shop", "--rate", "100", "--config", config)
                    let key = String(try #require(made.output.split(separator: "\n").last))
                    #expect(key.hasPrefix("skd_"))
                    // Where the machine has much to do the keys are not read within a second, and the answer is 503.
                    try await eventually {
                        let status = try await APIClient(server: server, key: key).call("GET", "/v1/tasks").status
                        #expect(status != 401)
                        return status == 200
                    }
                    #expect(try await APIClient(server: server, key: key).call("GET", "/v1/api-keys").status == 403)

                    // From a file; and in no list of keys.
                    let file = try program.write(key + "\n", to: "key")
                    let listed = try await program.run("task", "list", "--server", server, "--key-file", file)
                    #expect(listed.status == 0, "\(listed.errors)")
                    #expect(try await program.run("task", "list", "--server", server).errors.contains("API key"))
                    let keys = try await program.run("key", "list", "--config", config).output
                    #expect(keys.contains("shop") && keys.contains("last used") && !keys.contains(key))
                    let json = try await program.run("key", "list", "--json", "--config", config).output
                    #expect(json.contains(#""name":"shop""#) && json.contains(#""requests_per_second":100"#))

                    // Through the API.
                    let ops = try await program.run(
                        "key", "add", "ops", "--scopes", "admin", "--json", "--config", config)
                    let admin = APIClient(
                        server: server,
                        key: try #require(JSONParser.parse(Array(ops.output.utf8))["key"]?.text))
                    let document = Array(#"{"name": "third", "scopes": ["tasks:read"], "queues": ["mail"]}"#.utf8)
                    let third = try await admin.call("POST", "/v1/api-keys", json: document)
                    #expect(third.status == 201)
                    #expect(try await admin.call("POST", "/v1/api-keys", json: document).status == 409)
                    let bad = try await admin.call(
                        "POST", "/v1/api-keys", json: Array(#"{"name": "a b", "scopes": ["admin"]}"#.utf8))
                    #expect(bad.status == 422)
                    let id = try #require(JSONParser.parse(third.body)["id"]?.integer)
                    let first = try JSONParser.parse(
                        try await admin.call("GET", "/v1/api-keys", query: [("limit", "2")]).body)
                    #expect(first["api_keys"]?.elements.map { $0["name"]?.text } == ["ops", "shop"])
                    #expect(first["next_cursor"]?.text == "shop")
                    let second = try JSONParser.parse(
                        try await admin.call("GET", "/v1/api-keys", query: [("cursor", "shop")]).body)
                    #expect(second["api_keys"]?.elements.map { $0["name"]?.text } == ["third"])
                    #expect(second["next_cursor"] == .null)
                    #expect(try await admin.call("POST", "/v1/api-keys/\(id):disable").status == 200)
                    #expect(try await admin.call("DELETE", "/v1/api-keys/\(id)").status == 204)
                    #expect(try await admin.call("DELETE", "/v1/api-keys/\(id)").status == 404)

                    let disabled = try await program.run("key", "disable", "shop", "--config", config)
                    #expect(disabled.output == "shop is disabled\n")
                    try await eventually {
                        try await APIClient(server: server, key: key).call("GET", "/v1/tasks").status == 401
                    }
                    #expect(try await program.run("key", "delete", "shop", "--config", config).status == 0)
                    #expect(
                        try await program.run("key", "delete", "shop", "--config", config).errors.contains(
                            "no key shop"))

                    let events = try database.connect().run(
                        "SELECT actor, action, subject FROM audit_events WHERE action LIKE 'key.%' ORDER BY id"
                    ).rows.map { row in try [row.text(0).prefix(4).description, row.text(1), row.text(2)] }
                    #expect(
                        events == [
                            ["cli:", "key.add", "shop"], ["cli:", "key.add", "ops"], ["key:", "key.add", "third"],
                            ["key:", "key.disable", "third"], ["key:", "key.delete", "third"],
                            ["cli:", "key.disable", "shop"], ["cli:", "key.delete", "shop"],
                        ])
                    let stored = try database.connect().run("SELECT * FROM api_keys").rows
                    #expect(!"\(stored)".contains(key))
                }
            }
        }
    }
}
