import FoundationEssentials
package import Glibc
import Synchronization

/// A program that a test runs, with what it says in a file.
package final class ChildProcess: Sendable {
    package struct NotStarted: Error {
        let program: String
    }

    package let pid: pid_t
    private let status = Mutex<Int32?>(nil)

    /// - Parameters:
    ///   - arguments: the program, looked up in PATH, and its arguments.
    ///   - environment: variables beside those of this process.
    ///   - input: a file; nil: nothing.
    ///   - output: a file for both of its outputs, which are added there.
    package init(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil, output: String
    ) throws {
        var pid = pid_t()
        var copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var variables: [UnsafeMutablePointer<CChar>?] = all.map { strdup("\($0)=\($1)") } + [nil]
        defer { for variable in variables { free(variable) } }
        // The threads of Swift tasks block the very signals that are to end the program.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 0, input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&files, 1, 2)
        guard posix_spawnp(&pid, arguments[0], &files, &attributes, &copies, &variables) == 0 else {
            throw NotStarted(program: arguments[0])
        }
        self.pid = pid
    }

    /// nil: it runs. A signal that ended it counts 128 more.
    package var exitStatus: Int32? {
        status.withLock { status in
            var word: Int32 = 0
            if status == nil, waitpid(pid, &word, WNOHANG) == pid {
                status = word & 0x7F == 0 ? word >> 8 & 0xFF : 128 + word & 0x7F
            }
            return status
        }
    }

    package func signal(_ signal: Int32) {
        if exitStatus == nil { kill(pid, signal) }
    }

    /// - Throws: `NeverHappened`.
    package func wait() async throws -> Int32 {
        try await eventually { exitStatus != nil }
        return exitStatus!
    }

    /// Runs a program to its end.
    /// - Returns: its status and what it said.
    package static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil, in scratch: ScratchFolder
    ) async throws -> (status: Int32, output: String) {
        let number = UInt64.random(in: 0 ... .max)
        if let input { try scratch.write("\(number).in", input) }
        let process = try ChildProcess(
            arguments, environment: environment, input: input.map { _ in scratch.path("\(number).in") },
            output: scratch.path("\(number).out"))
        let status = try await process.wait()
        return (status, try scratch.read("\(number).out"))
    }

    /// The program under test, as it was built beside these tests.
    package static let schedulerd: String = {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        precondition(count > 0, "/proc/self/exe cannot be read")
        let own = String(decoding: path.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return String(own[..<own.lastIndex(of: "/")!]) + "/schedulerd"
    }()
}

/// A folder of a test's own, removed afterwards.
package struct ScratchFolder: Sendable {
    package let root: String

    package static func with<T>(
        isolation: isolated (any Actor)? = #isolation, _ body: (ScratchFolder) async throws -> T
    ) async throws -> T {
        var template = Array("/tmp/schedulerd-test.XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let folder = ScratchFolder(root: template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
        // Whatever is left of it is left to the system.
        defer { try? FileManager.default.removeItem(atPath: folder.root) }
        return try await body(folder)
    }

    package func path(_ name: String) -> String { "\(root)/\(name)" }

    package func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
    }

    package func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path(name))), as: UTF8.self)
    }

    package func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    }
}
