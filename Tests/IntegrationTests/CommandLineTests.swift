import MySQL
import Redis
import TestSupport
import Testing

/// The commands that work on the database, as a shell runs them.
@Suite struct CommandLineTests {
    private struct Shell {
        let scratch: ScratchFolder

        func run(_ arguments: String..., input: String? = nil, environment: [String: String] = [:]) async throws -> (
            status: Int32, output: String
        ) {
            try await ChildProcess.run(
                [ChildProcess.schedulerd] + arguments + ["--config", scratch.path("schedulerd.yaml")],
                environment: environment, input: input, in: scratch)
        }
    }

    private static func with(_ body: (Shell, TestDatabase) async throws -> Void) async throws {
        try await TestDatabase.migrated { database in
            try await ScratchFolder.with { scratch in
                let options = database.options
                try scratch.write(
                    "schedulerd.yaml",
                    """
                    master_db: {socket: "\(options.socket!)", db_user: \(options.user), db_name: \(options.database!)}

                    """)
                try await body(Shell(scratch: scratch), database)
            }
        }
    }

    private static func password(_ database: TestDatabase) -> [String: String] {
        ["SCHEDULERD_MASTER_DB_DB_PWD": database.options.password]
    }

    @Test func users() async throws {
        try await Self.with { shell, database in
            let environment = Self.password(database)
            let made = try await shell.run(
                "user", "add", "alice", "--role", "administrator", "--generate", environment: environment)
            #expect(made.status == 0, "\(made.output)")
            #expect(made.output.contains("the password of alice: "))
            let given = try await shell.run(
                "user", "add", "管理员", "--password-stdin", "--email", "a@example.org", input: "correct horse\r\nmore",
                environment: environment)
            #expect(given.output == "added 管理员 as viewer\n")
            let list = try await shell.run("user", "list", environment: environment).output.split(separator: "\n")
            #expect(list.count == 2)
            #expect(list.contains { $0.hasPrefix("alice  administrator  enabled  since ") })
            #expect(list.contains { $0.hasPrefix("管理员  viewer  enabled  a@example.org  since ") })

            for (arguments, problem) in [
                (["disable", "alice"], "last administrator"), (["role", "alice", "viewer"], "last administrator"),
                (["delete", "alice"], "last administrator"), (["delete", "bob"], "no user bob"),
                (["disable", "bob"], "no user bob"), (["add", "ALICE", "--generate"], "already"),
                (["passwd", "alice", "--password-stdin"], "at least 10 characters"),
            ] {
                let refused = try await ChildProcess.run(
                    [ChildProcess.schedulerd, "user"] + arguments + [
                        "--config", shell.scratch.path("schedulerd.yaml"),
                    ],
                    environment: environment, input: "short\n", in: shell.scratch)
                #expect(refused.status == 1)
                #expect(refused.output.contains(problem), "\(refused.output)")
            }
            for arguments in [["role", "管理员", "administrator"], ["disable", "alice"], ["enable", "alice"]] {
                let done = try await ChildProcess.run(
                    [ChildProcess.schedulerd, "user"] + arguments + [
                        "--config", shell.scratch.path("schedulerd.yaml"),
                    ],
                    environment: environment, in: shell.scratch)
                #expect(done.status == 0, "\(done.output)")
            }
            let before = try database.connect().run("SELECT password_hash FROM users WHERE name = 'alice'").rows[0]
            let changed = try await shell.run("user", "passwd", "alice", "--generate", environment: environment)
            #expect(changed.status == 0)
            let after = try database.connect().run("SELECT password_hash FROM users WHERE name = 'alice'").rows[0]
            #expect(try before.text(0) != after.text(0))
            #expect(try await shell.run("user", "delete", "管理员", environment: environment).status == 0)

            let log = try database.connect().run(
                "SELECT actor, action, subject, before_state, after_state FROM audit_events ORDER BY id"
            ).rows
            #expect(
                try log.map { try "\($0.text(1)) \($0.text(2))" } == [
                    "user.add alice", "user.add 管理员", "user.edit 管理员", "user.disable alice", "user.enable alice",
                    "user.password alice", "user.delete 管理员",
                ])
            #expect(try log.allSatisfy { try $0.text(0).wholeMatch(of: /cli:.+/) != nil })
            #expect(log[0].isNull(3) && log[6].isNull(4))
            #expect(try log[2].text(3).contains(#""role":"viewer""#))
            #expect(try log[2].text(4).contains(#""role":"administrator""#))
            #expect(try !log.contains { try ($0.optional(4, Row.text) ?? "").contains("$") })
        }
    }

    @Test func anImportFromTheCommandLine() async throws {
        try await Self.with { shell, database in
            try await OldDelayQueue.with { old in
                try old.add([OldDelayQueue.Task(state: 1)])
                try old.addUser("demo")
                let options = old.database.options
                let from = "\(options.user)@unix(\(options.socket!))/\(options.database!)"
                var environment = Self.password(database)
                environment["DELAY_QUEUE_PASSWORD"] = options.password
                let dry = try await shell.run(
                    "import", "delay-queue", "--from", from, "--dry-run", environment: environment)
                #expect(dry.status == 0, "\(dry.output)")
                #expect(dry.output.contains("to import"))
                #expect(try database.count("users") == 0)
                let done = try await shell.run("import", "delay-queue", "--from", from, environment: environment)
                #expect(done.status == 0, "\(done.output)")
                #expect(try database.count("tasks") == 1)
                let wrong = try await shell.run(
                    "import", "delay-queue", "--from", from, "--prefix", "x_", environment: environment)
                #expect(wrong.status == 1)
                #expect(wrong.output.contains("is --prefix right"))
                let malformed = try await shell.run(
                    "import", "delay-queue", "--from", "root:secret@pipe(x)/g", environment: environment)
                #expect(malformed.status == 1)
                #expect(!malformed.output.contains("secret"))
            }
        }
    }

    @Test func delayQSWithItsOwnNames() async throws {
        try await Self.with { shell, database in
            try await OldDelayQS.with { old in
                _ = try old.redis.connect().run(["ZADD", "DelayQs:job_zqueue", 5, OldDelayQS.job(1)])
                _ = try old.redis.connect().run(["RPUSH", "DelayQs:fail_job", OldDelayQS.failed(2)])
                let url = "unix://\(old.redis.options.socket!)"
                let environment = Self.password(database)
                let dry = try await shell.run(
                    "import", "delayqs", "--redis", url, "--dry-run", environment: environment)
                #expect(dry.status == 0, "\(dry.output)")
                #expect(try database.count("tasks") == 0)
                let done = try await shell.run("import", "delayqs", "--redis", url, environment: environment)
                #expect(done.status == 0, "\(done.output)")
                #expect(try database.count("tasks") == 2)
                let malformed = try await shell.run("import", "delayqs", "--redis", "ftp://x", environment: environment)
                #expect(malformed.status == 78)
                #expect(malformed.output.hasPrefix("--redis"), "\(malformed.output)")
            }
        }
    }

    /// Nobody is asked where nobody can answer.
    @Test func withoutATerminalThePasswordIsNotAskedFor() async throws {
        try await Self.with { shell, database in
            let refused = try await ChildProcess.run(
                ["setsid", "--wait", ChildProcess.schedulerd, "user", "add", "bob", "--config"]
                    + [shell.scratch.path("schedulerd.yaml")], environment: Self.password(database), in: shell.scratch)
            #expect(refused.status == 1)
            #expect(refused.output.contains("no terminal"), "\(refused.output)")
        }
    }
}
