import Glibc
import TestSupport
import Testing

/// `schedulerd start`, `stop`, `restart` and `status` on the program itself.
@Suite struct ProcessControlTests {
    /// Runs `body` with a configuration that a process can serve with.
    private func with(_ body: (_ program: Program, _ config: String, _ yaml: String) async throws -> Void) async throws
    {
        try await TestDatabase.migrated { database in
            try await Program.with { program in
                let yaml =
                    database.yaml + "server: {port: 0}\nroles: [api, worker]\npid_file: \(program.path("pid"))\n"
                    + "log: {file: \(program.path("log"))}\n"
                try await body(program, "--config=" + program.write(yaml, to: "config.yaml"), yaml)
            }
        }
    }

    @Test func aLifeFromStartToStop() async throws {
        try await with { program, config, _ in
            let before = try await program.run("status", config)
            #expect(before.status == 3)
            #expect(before.output == "schedulerd does not run\n")

            let start = try await program.run("start", config)
            #expect(start.status == 0, "\(start)")
            let pid = try #require(program.pid())
            #expect(start.output == "schedulerd is ready, with pid \(pid)\n")
            #expect(getsid(pid) == pid)

            let status = try await program.run("status", config)
            #expect(status.status == 0)
            #expect(status.output.contains("runs with pid \(pid) since 2"))
            #expect(status.output.hasSuffix("roles: api, worker\nready\n"), "\(status.output)")

            let second = try await program.run("start", config)
            #expect(second.status == 1)
            #expect(second.errors == "schedulerd: schedulerd runs already with pid \(pid) (\(program.path("pid")))\n")
            // Nor does one in the foreground take its place.
            let foreground = try await program.run("serve", config)
            #expect(foreground.status == 1)
            #expect(foreground.errors.contains("runs already with pid \(pid)"))
            #expect(kill(pid, 0) == 0)

            let stop = try await program.run("stop", "--pid-file", program.path("pid"))
            #expect(stop.status == 0)
            #expect(stop.output == "schedulerd with pid \(pid) has ended\n")
            // Gone as soon as init has laid it to rest.
            try await eventually { kill(pid, 0) != 0 }
            #expect(program.text("pid").isEmpty)
            #expect(program.text("pid.status").isEmpty)
            #expect(try await program.run("status", config).status == 3)
            #expect(try await program.run("stop", config).status == 0)
        }
    }

    @Test func aStartThatFailsSaysWhy() async throws {
        try await TestDatabase.with { empty in
            try await Program.with { program in
                let yaml = empty.yaml + "server: {port: 0}\npid_file: \(program.path("pid"))\n"
                let config = "--config=" + (try program.write(yaml, to: "config.yaml"))
                for option in ["--roles=api,worker", "--log-file=\(program.path("log"))"] {
                    let start = try await program.run("start", config, option)
                    #expect(start.status == 1)
                    #expect(start.errors.contains("run `schedulerd migrate up` first"), "\(start)")
                    #expect(start.errors.hasSuffix("schedulerd did not start: it ended with status 1\n"))
                    #expect(try await program.run("status", config).status == 3)
                }
            }
        }
    }

    @Test func aWrongConfigurationStartsAndStopsNothing() async throws {
        try await with { program, config, yaml in
            #expect(try await program.run("start", config).status == 0)
            let pid = program.pid()
            try program.write(yaml + "sever: 1\n", to: "config.yaml")
            for command in ["start", "restart", "stop", "status"] {
                let ended = try await program.run(command, config)
                #expect(ended.status == 78, "\(command): \(ended)")
                #expect(ended.errors.contains("did you mean \"server\"?"))
            }
            #expect(try await program.run("status", "--pid-file", program.path("pid")).status == 0)
            #expect(program.pid() == pid)
            #expect(try await program.run("stop", "--pid-file", program.path("pid")).status == 0)
        }
    }

    @Test func withoutAPidFileNothingIsDone() async throws {
        try await Program.with { program in
            let config = "--config=" + (try program.write("", to: "config.yaml"))
            for command in ["start", "restart", "stop", "status"] {
                let ended = try await program.run(command, config)
                #expect(ended.status == 78)
                #expect(ended.errors.contains("give --pid-file, or set pid_file"))
            }
        }
    }

    @Test func whoIsNotReadyIsSaidToBe() async throws {
        try await Program.with { program in
            let yaml = "master_db: {socket: \(program.path("nowhere"))}\npid_file: \(program.path("pid"))\n"
            let config = "--config=" + (try program.write(yaml + "roles: [worker]\n", to: "config.yaml"))
            let start = try await program.run("start", config, "--wait=2")
            #expect(start.status == 75)
            let pid = try #require(program.pid())
            #expect(
                start.errors.contains(
                    "runs with pid \(pid), but is not ready after 2 s: the database cannot be reached"),
                "\(start.errors)")
            let status = try await program.run("status", config)
            #expect(status.status == 0)
            #expect(status.output.contains("roles: worker\nnot ready: the database cannot be reached"))
            #expect(try await program.run("stop", config).status == 0)
        }
    }

    @Test func aKilledProcessLeavesItsPidFileAndNothingElse() async throws {
        try await with { program, config, _ in
            #expect(try await program.run("start", config).status == 0)
            let pid = try #require(program.pid())
            kill(pid, SIGKILL)
            try await eventually { kill(pid, 0) != 0 }
            let status = try await program.run("status", config)
            #expect(status.status == 1)
            #expect(status.output == "schedulerd is dead; it has left \(program.path("pid"))\n")
            #expect(try await program.run("start", config).status == 0)
            #expect(program.pid() != pid)
            #expect(try await program.run("stop", config).status == 0)
        }
    }

    /// The number in the file has gone to another process.
    @Test func aNumberThatIsAnothersIsNotMistaken() async throws {
        try await with { program, config, _ in
            try program.write("\(getpid())\n", to: "pid")
            #expect(try await program.run("status", config).status == 1)
            #expect(try await program.run("stop", config).output == "schedulerd does not run\n")
            try program.write("\(getpid())\n", to: "pid")
            #expect(try await program.run("start", config).status == 0)
            #expect(program.pid() != getpid())
            #expect(try await program.run("stop", config).status == 0)
        }
    }

    @Test func whoDoesNotEndIsKilledOnlyWhenAsked() async throws {
        try await with { program, config, _ in
            #expect(try await program.run("start", config).status == 0)
            let pid = try #require(program.pid())
            kill(pid, SIGSTOP)
            let stop = try await program.run("stop", config, "--wait=1")
            #expect(stop.status == 1)
            #expect(stop.errors == "schedulerd: pid \(pid) still runs after 1 s; --kill-after kills it\n")
            let killed = try await program.run("stop", config, "--kill-after=1")
            #expect(killed.status == 0, "\(killed)")
            #expect(killed.errors.contains("killing pid \(pid)"))
            #expect(try await program.run("status", config).status == 3)
        }
    }

    @Test func restartIsAnotherProcess() async throws {
        try await with { program, config, _ in
            let first = try await program.run("restart", config)
            #expect(first.status == 0)
            let pid = try #require(program.pid())
            let second = try await program.run("restart", config, "--roles=worker")
            #expect(second.status == 0)
            #expect(second.output.hasPrefix("schedulerd with pid \(pid) has ended\nschedulerd is ready, with pid "))
            #expect(program.pid() != pid)
            #expect(try await program.run("status", config).output.contains("roles: worker\n"))
            #expect(try await program.run("stop", config).status == 0)
        }
    }

    @Test func ofManyStartsOneSucceeds() async throws {
        try await with { program, config, _ in
            let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 1...4 { group.addTask { try await program.run("start", config).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [0, 1, 1, 1])
            #expect(try await program.run("status", config).status == 0)
            #expect(try await program.run("stop", config).status == 0)
        }
    }
}
