import Glibc
import MySQL

/// A process that serves without a terminal, and who has started it.
///
/// Both ends of the one thing they agree on are here: the process says on its standard output when it is ready.
enum Detachment {
    private static let readyLine = "ready\n"

    /// In the process, once: from now on nobody listens to its standard output and error.
    static func tellReady() {
        _ = write(STDOUT_FILENO, readyLine, readyLine.utf8.count)
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard null >= 0 else { return }
        dup2(null, STDOUT_FILENO)
        dup2(null, STDERR_FILENO)
        close(null)
    }

    /// How a start came out.
    enum Outcome {
        /// What it said on its standard error until then.
        case ready(String)
        /// It still runs.
        case unready
        /// What it said, and the status it ended with, or the signal.
        case ended(String, ending: String, status: Int32?)
    }

    /// Starts this very program with other arguments, and waits until it says how it came out.
    static func start(_ arguments: [String], patience: Duration) throws -> (process: pid_t, Outcome) {
        var (said, errors) = (try Pipe(), try Pipe())
        shareNothing()
        let process = try Spawn(
            "/proc/self/exe", arguments, output: said.writeEnd, errors: errors.writeEnd, startsSession: true
        ).start()
        said.closeWriteEnd()
        errors.closeWriteEnd()
        let deadline = ContinuousClock.now.advanced(by: patience)
        while !(said.isAtEnd && errors.isAtEnd) {
            guard wait(for: [said, errors], until: deadline) else { return (process, .unready) }
            said.read()
            errors.read()
            if said.text == readyLine { return (process, .ready(errors.text)) }
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        // WIFEXITED and the others of wait.h are macros.
        let signal = status & 0x7F
        let code = (status >> 8) & 0xFF
        return (
            process,
            .ended(
                errors.text, ending: signal == 0 ? "status \(code)" : "signal \(signal)",
                status: signal == 0 ? code : nil)
        )
    }

    /// What this command was given besides the standard streams is not for a process that outlives it.
    private static func shareNothing() {
        for descriptor in STDERR_FILENO + 1..<1024 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// - Returns: false when the time is over.
    private static func wait(for pipes: [Pipe], until deadline: ContinuousClock.Instant) -> Bool {
        let left = ContinuousClock.now.duration(to: deadline).microseconds / 1000
        if left <= 0 { return false }
        var polled = pipes.filter { !$0.isAtEnd }.map { pollfd(fd: $0.readEnd, events: Int16(POLLIN), revents: 0) }
        return poll(&polled, nfds_t(polled.count), Int32(clamping: left)) != 0
    }
}

/// What another process says, as far as it has come.
private struct Pipe {
    let readEnd: Int32
    private(set) var writeEnd: Int32
    private(set) var isAtEnd = false
    private var bytes: [UInt8] = []

    /// More than anyone reads.
    private static let longestText = 1 << 20

    init() throws(SpawnFailure) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SpawnFailure(program: "a process", error: errno) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func closeWriteEnd() {
        close(writeEnd)
    }

    mutating func read() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isAtEnd {
            let count = Glibc.read(readEnd, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            isAtEnd = count <= 0
            if count > 0, bytes.count < Self.longestText { bytes += buffer[..<count] }
        }
    }
}
