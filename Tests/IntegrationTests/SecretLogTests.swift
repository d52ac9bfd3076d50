import Foundation
import MySQL
import Redis
import TestSupport
import Testing

/// No secret is in the log, whatever its level, and whether things go well or not.
@Suite struct SecretLogTests {
    /// Each is fed through one path; what is found tells which.
    private enum Secret: String, CaseIterable {
        case redisPassword = "sec-redis-password"
        case sourcePassword = "sec-source-password"
        case md5Key = "sec-md5-key"
        case header = "sec-header-token"
        case query = "sec-url-query"
        case body = "sec-task-body"
        case badURL = "sec-refused-url"
        case badJSON = "sec-broken-json"
        case oldForm = "sec-old-form"
        case message = "sec-redis-message"
        case badMessage = "sec-quarantined-message"
        case apiQuery = "sec-api-query"
        case authorization = "sec-request-authorization"
        case cookie = "sec-request-cookie"
        case wrongPassword = "sec-wrong-password"
        case answer = "sec-answer-of-receiver"
        case idempotencyKey = "sec-idempotency-key"
        case oldKey = "sec-key-in-old-form"
        case followUp = "sec-follow-up-header"
        case batch = "sec-body-in-batch"
        case schedule = "sec-body-of-schedule"
    }

    private static let webhookSecret = "whsec_c2VjLXdlYmhvb2stc2VjcmV0LTAxMjM0NTY="

    @Test func noneIsLoggedAtAnyLevel() async throws {
        let receiver = TestServer { request in
            request.path.hasPrefix("/close")
                ? .close
                // Not all of them, or its breaker would keep the others from being called.
                : .answer(
                    http(
                        request.path.hasPrefix("/status") ? 500 : 404, ["Set-Cookie: a=\(Secret.answer.rawValue)"],
                        body: Secret.answer.rawValue))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let password = Secret.redisPassword.rawValue
            try await TestRedis.with(["--requirepass", password], password: password) { redis in
                try await Program.with { program in
                    let port = HTTPCall.freePort()
                    try program.write(
                        database.yaml + """
                            redis: {socket: \(redis.options.socket!), db_pwd: \(password)}
                            server: {port: \(port)}
                            log: {level: trace, file: \(program.path("log"))}
                            queue: {time_interval: 1}
                            intake:
                              buffer: redis
                              sources:
                                - {key: good, kind: list}
                                - {key: away, kind: list, redis: "redis://:\(Secret.sourcePassword.rawValue)@127.0.0.1:1/0"}
                            destinations:
                              - {url: "\(receiver.url())", secrets: ["\(Self.webhookSecret)"], md5_key: \(Secret.md5Key.rawValue)}

                            """, to: "schedulerd.yaml")
                    try await program.running("serve", "--config", program.path("schedulerd.yaml")) { _ in
                        try await eventually { (try? await HTTPCall.get(port: port, "/readyz").status) == 200 }
                        var secrets = Secret.allCases.map(\.rawValue) + [Self.webhookSecret, database.options.password]
                        try await Self.feedRequests(port, receiver)
                        secrets += try await Self.signIn(port, program)
                        try await Self.feedRedis(redis, receiver)
                        try await eventually {
                            ["/status", "/close", "/old", "/followed", "/batch", "/run", "/message"].allSatisfy {
                                path in
                                receiver.log.requests.contains { $0.path.hasPrefix(path) }
                            }
                                && (try? database.count("quarantine")) == 1
                        }
                        // A server that goes away is told of with its place.
                        redis.stop()
                        try await eventually { program.text("log").contains("warning") }
                        let log = program.text("log")
                        #expect(log.contains("trace") || log.contains("debug"))
                        #expect(log.contains("attempt ended") && log.contains("attempt=1"), "each attempt has a line")
                        for secret in secrets { #expect(!log.contains(secret), "\(secret) is in the log") }
                        #expect(!program.text("errors").contains(database.options.password))
                    }
                    let log = program.text("log")
                    for secret in Secret.allCases { #expect(!log.contains(secret.rawValue), "\(secret)") }
                }
            }
        }
    }

    private static func feedRequests(_ port: Int, _ receiver: TestServer) async throws {
        func post(_ path: String, _ body: String, _ headers: [String] = []) async throws {
            let type = "Content-Type: application/json"
            _ = try await HTTPCall.post(port: port, path, form: body, headers: headers, contentType: type)
        }
        for path in ["/status", "/close"] {
            try await post(
                "/v1/tasks?token=\(Secret.apiQuery.rawValue)",
                """
                {"plan_time": 0, "request": {"url": "\(receiver.url(path))?key=\(Secret.query.rawValue)",
                  "headers": {"Authorization": "Bearer \(Secret.header.rawValue)"}, "body": "\(Secret.body.rawValue)"},
                 "retry": {"max_retries": 0}}
                """,
                [
                    "Authorization: Bearer \(Secret.authorization.rawValue)",
                    "Cookie: GOSESSIONID=\(Secret.cookie.rawValue)",
                ])
        }
        try await post(
            "/v1/tasks", "{\"plan_time\": 0, \"request\": {\"url\": \"ftp://u:\(Secret.badURL.rawValue)@x/\"}}")
        try await post("/v1/tasks", "{\"plan_time\": \"\(Secret.badJSON.rawValue)")
        _ = try await HTTPCall.post(
            port: port, "/api/task/save",
            form: "notify_url=\(receiver.url("/old"))?k=\(Secret.oldForm.rawValue)&plan_time=0&method_name=post"
                + "&notify_param=\(Secret.oldForm.rawValue)")
        _ = try await HTTPCall.post(
            port: port, "/api/task/save", form: "notify_url=\(receiver.url("/old"))&key=\(Secret.oldKey.rawValue)")
        try await post(
            "/v1/tasks",
            """
            {"plan_time": 0, "request": {"url": "\(receiver.url("/followed"))"}, "retry": {"max_retries": 0},
             "on_failure": {"request": {"url": "\(receiver.url("/followed"))",
               "headers": {"X-Key": "\(Secret.followUp.rawValue)"}}}}
            """, ["Idempotency-Key: \(Secret.idempotencyKey.rawValue)"])
        for url in [receiver.url("/batch"), "no:\(Secret.batch.rawValue)"] {
            try await post(
                "/v1/tasks:batch",
                """
                {"tasks": [{"plan_time": 0, "request": {"url": "\(url)", "body": "\(Secret.batch.rawValue)"}}]}
                """)
        }
        try await post(
            "/v1/schedules",
            """
            {"name": "s", "every_s": 1, "task": {"request": {"url": "\(receiver.url("/run"))",
              "body": "\(Secret.schedule.rawValue)"}}}
            """)
        _ = try await HTTPCall.get(port: port, "/v1/tasks?label=\(Secret.apiQuery.rawValue)")
    }

    /// - Returns: secrets that the program made.
    private static func signIn(_ port: Int, _ program: Program) async throws -> [String] {
        try await eventually { program.text("errors").contains("with the password ") }
        let password = program.text("errors").split(separator: "with the password ")[1].prefix { $0 != " " }
        var made = [String(password)]
        for word in [Secret.wrongPassword.rawValue, String(password)] {
            let page = try await HTTPCall.get(port: port, "/admin/sign-in")
            let cookie = try #require(page.header("set-cookie")).prefix { $0 != ";" }
            let token = cookie.split(separator: "=", maxSplits: 1)[1]
            let answer = try await HTTPCall.post(
                port: port, "/admin/sign-in", form: "name=admin&password=\(word)&token=\(token)",
                headers: ["Cookie: \(cookie)", "Sec-Fetch-Site: same-origin"])
            made.append(String(token))
            if word == password {
                #expect(answer.status == 303 || answer.status == 302, "\(answer)")
                let session = try #require(answer.header("set-cookie")).prefix { $0 != ";" }
                made.append(String(session.split(separator: "=", maxSplits: 1)[1]))
            }
        }
        return made
    }

    private static func feedRedis(_ redis: TestRedis, _ receiver: TestServer) async throws {
        let connection = try redis.connect()
        let message = Secret.message.rawValue
        try connection.run([
            "RPUSH", "good",
            """
            {"notify_url": "\(receiver.url("/message"))?k=\(message)", "method_name": "post", "plan_time": 0,
             "notify_param": "\(message)"}
            """,
            "{\"notify_url\": 5, \"x\": \"\(Secret.badMessage.rawValue)\"",
        ])
    }
}
