import FoundationEssentials
package import Glibc
import MySQL

/// The program itself, run as its users run it, in a folder of its own.
package struct Program: Sendable {
    /// Removed in the end, with the processes that hold a pid file in it.
    package let folder: String
    private let environment: [String: String]

    package struct Ended: Sendable {
        package var status: Int32
        package var output: String
        package var errors: String
    }

    package struct NotRun: Error {
        let error: Int32
    }

    /// - Parameter environment: for each run, over an environment that has nothing of schedulerd.
    package static func with<T>(
        environment: [String: String] = [:], isolation: isolated (any Actor)? = #isolation,
        _ body: (Program) async throws -> T
    ) async throws -> T {
        var template = Array("/tmp/schedulerd-program.XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        let program = Program(folder: folder, environment: environment)
        defer { program.remove() }
        return try await body(program)
    }

    // MARK: Files

    package func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Replaces the file as editors do. - Returns: its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: path(name)), options: .atomic)
        return path(name)
    }

    /// What the file holds; empty when there is none.
    package func text(_ name: String) -> String {
        FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The process that a pid file names.
    package func pid(_ name: String = "pid") -> pid_t? {
        pid_t(text(name).filter { $0 != "\n" })
    }

    // MARK: Runs

    /// Runs a command to its end.
    package func run(_ arguments: String...) async throws -> Ended {
        let number = UInt64.random(in: 0 ... .max)
        let process = try start(arguments, output: "\(number).out", errors: "\(number).err")
        var status: Int32 = 0
        try await eventually { waitpid(process, &status, WNOHANG) == process }
        return Ended(
            status: status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F), output: text("\(number).out"),
            errors: text("\(number).err"))
    }

    /// Runs a command beside `body`, and ends it afterwards as a supervisor does.
    /// - Parameter body: gets its id; its standard error is in the file `errors`.
    /// - Returns: the status that it ended with.
    @discardableResult
    package func running(
        _ arguments: String..., isolation: isolated (any Actor)? = #isolation, _ body: (pid_t) async throws -> Void
    ) async throws -> Int32 {
        let process = try start(arguments, output: "output", errors: "errors")
        var status: Int32 = 0
        do {
            try await body(process)
        } catch {
            kill(process, SIGKILL)
            waitpid(process, &status, 0)
            throw error
        }
        kill(process, SIGTERM)
        try await eventually { waitpid(process, &status, WNOHANG) == process }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
    }

    private func start(_ arguments: [String], output: String, errors: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, path(output), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, path(errors), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads of Swift tasks block signals, and what they start would.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SCHEDULERD_") }
        variables.merge(environment) { $1 }
        var words: [UnsafeMutablePointer<CChar>?] = ([Self.path] + arguments).map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + settings { free(word) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, Self.path, &actions, &attributes, &words, &settings)
        guard error == 0 else { throw NotRun(error: error) }
        return process
    }

    /// Beside the tests' own executable.
    private static let path: String = {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes {
            readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        let tests = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return tests.prefix(through: tests.lastIndex(of: "/") ?? tests.startIndex) + "schedulerd"
    }()

    private func remove() {
        // What a failed test has left in the background; a dead one holds no lock that would tell it from another.
        if let pid = pid(), isSchedulerd(pid) { kill(pid, SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)  // of no use to anybody any more
    }

    private func isSchedulerd(_ pid: pid_t) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes {
            readlink("/proc/\(pid)/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == Self.path
    }
}

extension TestDatabase {
    /// The section `master_db` of a configuration file, and nothing else that a process needs; its API asks for no keys.
    package var yaml: String {
        yaml(authentication: "none")
    }

    package func yaml(authentication: String) -> String {
        """
        api: {authentication: \(authentication)}
        master_db:
          socket: \(options.socket ?? "")
          db_user: \(options.user)
          db_pwd: "\(options.password)"
          db_name: \(options.database ?? "")

        """
    }
}
