import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import schedulerd

/// A configuration that changes while the program runs.
@Suite struct ReloadTests {
    /// Runs `body` beside a process that serves.
    /// - Returns: the log, to its end.
    @discardableResult
    private func serving(
        _ yaml: String = "", _ body: (_ served: Served) async throws -> Void
    ) async throws -> String {
        try await TestDatabase.migrated { database in
            try await Program.with { program in
                let base = database.yaml + "server: {port: 0}\nroles: [api, worker]\n"
                let config = try program.write(base + yaml, to: "config.yaml")
                let status = try await program.running("serve", "--config", config) { process in
                    let served = Served(program: program, process: process, base: base)
                    try await served.says("incarnation begun")
                    try await body(served)
                }
                #expect(status == 0, "\(program.text("errors"))")
                return program.text("errors")
            }
        }
    }

    private struct Served {
        let program: Program
        let process: pid_t
        let base: String

        var log: String { program.text("errors") }

        /// Waits until the log holds it.
        func says(_ text: String) async throws {
            do {
                try await eventually { log.contains(text) }
            } catch {
                Issue.record("\"\(text)\" is not in the log:\n\(log)")
                throw error
            }
        }

        func write(_ yaml: String) throws {
            try program.write(base + yaml, to: "config.yaml")
        }

        /// Asks for a callback. - Returns: the status of the answer, and its text.
        func add(_ url: String, planTime: String = "0") async throws -> (status: Int, text: String) {
            let body = "{\"plan_time\": \(planTime), \"request\": {\"url\": \"\(url)\"}}"
            let reply = try await api().call("POST", "/v1/tasks", json: Array(body.utf8))
            return (reply.status, String(decoding: reply.body, as: UTF8.self))
        }

        func list(_ state: String) async throws -> String {
            String(decoding: try await api().call("GET", "/v1/tasks", query: [("state", state)]).body, as: UTF8.self)
        }

        func api() throws -> APIClient {
            let line = try #require(log.split(separator: "\n").first { $0.contains("listening") })
            return APIClient(server: "http://127.0.0.1:\(try #require(line.split(separator: "port=").last))")
        }
    }

    @Test func aChangedFileIsReadByItself() async throws {
        try await serving { served in
            #expect(!served.log.contains(" debug "))
            try served.write("log: {level: debug}\nclaim: {batch: 7}\ncluster: {lease_s: 60}\n")
            try await served.says("notice schedulerd: configuration applied keys=claim.batch,log.level\n")
            try await served.says(
                "warning schedulerd: configuration that needs a restart has changed keys=cluster.lease_s\n")
            _ = try await served.list("dead")
            try await served.says(" debug ")
            try served.write("log: {format: json}\ncluster: {lease_s: 60}\n")
            try await served.says("\"message\":\"configuration applied\",\"keys\":\"claim.batch,log.level,log.format\"")
        }
    }

    @Test func aFileIsReadAtOnceWhenItIsAskedFor() async throws {
        try await serving { served in
            kill(served.process, SIGHUP)
            try await served.says("configuration read again: nothing has changed")
            try served.write("queue: {max_retry_num: 1}\n")
            kill(served.process, SIGHUP)
            try await served.says("configuration applied keys=queue.max_retry_num\n")
        }
    }

    @Test func aFileWithProblemsChangesNothing() async throws {
        try await serving { served in
            try served.write("log: {level: loud}\nclaim: {batch: 0}\nqueue: {max_retry_num: 1}\n")
            let config = served.program.path("config.yaml")
            let line = served.base.split(separator: "\n").count + 1
            try await served.says("error schedulerd: \(config):\(line):14: log.level: \"loud\" is not known")
            try await served.says("error schedulerd: \(config):\(line + 1):16: claim.batch: \"0\" is below 1")
            try await served.says("error schedulerd: the new configuration is refused; the old one stays in force\n")
            #expect(!served.log.contains("configuration applied"))
            try FileManager.default.removeItem(atPath: config)
            try await served.says("error schedulerd: \(config): cannot be read: no such file\n")
            try served.write("queue: {max_retry_num: 1}\n")
            try await served.says("configuration applied keys=queue.max_retry_num\n")
        }
    }

    /// As Kubernetes does it with a volume.
    @Test func aChangedLinkIsAChange() async throws {
        try await TestDatabase.migrated { database in
            try await Program.with { program in
                let base = database.yaml + "server: {port: 0}\n"
                for (folder, yaml) in [("1", ""), ("2", "log: {level: debug}\n")] {
                    mkdir(program.path(folder), 0o700)
                    try program.write(base + yaml, to: folder + "/config.yaml")
                }
                symlink("1", program.path("data"))
                try await program.running("serve", "--config", program.path("data/config.yaml")) { _ in
                    try await eventually { program.text("errors").contains("incarnation begun") }
                    symlink("2", program.path("new"))
                    rename(program.path("new"), program.path("data"))
                    try await eventually { program.text("errors").contains("configuration applied keys=log.level") }
                }
            }
        }
    }

    /// Requests and calls go by what is in force.
    @Test func whatIsAppliedTakesEffect() async throws {
        let server = TestServer { _ in .answer(http()) }
        defer { server.stop() }
        try await serving { served in
            var arrivals = server.arrivals.makeAsyncIterator()
            #expect(try await served.add(server.url("/1")).status == 201)
            #expect(await arrivals.next()?.header("User-Agent") == "schedulerd")

            try served.write("dispatch: {user_agent: other}\n")
            try await served.says("keys=dispatch.user_agent\n")
            #expect(try await served.add(server.url("/2")).status == 201)
            #expect(await arrivals.next()?.header("User-Agent") == "other")

            // Accepted before the policy forbids it, to be called afterwards.
            let planTime = time(nil) + 5
            #expect(try await served.add(server.url("/3"), planTime: "\(planTime)").status == 201)
            try served.write("dispatch: {address_policy: {deny: [127.0.0.0/8]}}\n")
            try await served.says("dispatch.address_policy.deny\n")
            let refused = try await served.add(server.url("/4"))
            #expect(refused.status == 422)
            #expect(refused.text.contains("names an address that may not be called"))
            try await eventually { try await served.list("retrying").contains("/3") }
            #expect(server.log.requests.count == 2)
        }
    }

    @Test func theDrainIsAsLongAsItIsWhenItBegins() async throws {
        let server = TestServer { $0.path == "/slow" ? .hold(http()) : .release(http()) }
        defer { server.stop() }
        let log = try await serving("shutdown: {drain_s: 0}\n") { served in
            try served.write("shutdown: {drain_s: 60}\n")
            try await served.says("configuration applied keys=shutdown.drain_s\n")
            var arrivals = server.arrivals.makeAsyncIterator()
            #expect(try await served.add(server.url("/slow")).status == 201)
            _ = await arrivals.next()
            let client = try served.api()
            kill(served.process, SIGTERM)
            // It takes no requests any more, and is still at the call.
            try await eventually {
                do throws(APIClient.Unreachable) {
                    _ = try await client.call("GET", "/healthz")
                    return false
                } catch {
                    return true
                }
            }
            _ = try await APIClient(server: server.url("")).call("GET", "/release")
        }
        #expect(!log.contains("calls were still running"), "\(log)")
    }
}
