import Glibc

/// Starts another program, with an environment and signals as if a shell had.
struct Spawn {
    let program: String
    let arguments: [String]
    /// Its standard output.
    let output: Int32
    /// Its standard error.
    let errors: Int32
    /// A session of its own, so that it outlives the terminal; else only a process group, which Ctrl-C does not reach.
    let startsSession: Bool

    /// `POSIX_SPAWN_SETSID` of spawn.h, a GNU extension that Swift does not see.
    private static let setSID: Int32 = 0x80

    init(_ program: String, _ arguments: [String], output: Int32, errors: Int32, startsSession: Bool = false) {
        self.program = program
        self.arguments = arguments
        self.output = output
        self.errors = errors
        self.startsSession = startsSession
    }

    func start() throws(SpawnFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this program ignores or catches means its default to another.
        var signals = sigset_t()
        sigfillset(&signals)
        sigdelset(&signals, SIGKILL)
        sigdelset(&signals, SIGSTOP)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let place = startsSession ? Self.setSID : Int32(POSIX_SPAWN_SETPGROUP)
        posix_spawnattr_setflags(
            &attributes, Int16(place | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)))
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var id: pid_t = 0
        let error = posix_spawn(&id, program, &actions, &attributes, words, environ)
        guard error == 0 else { throw SpawnFailure(program: program, error: error) }
        return id
    }
}

/// Why a program did not start.
struct SpawnFailure: Error, CustomStringConvertible {
    let program: String
    let error: Int32

    var description: String { "cannot start \(program): \(String(cString: strerror(error)))" }
}
