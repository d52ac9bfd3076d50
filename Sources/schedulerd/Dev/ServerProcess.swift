import Glibc

/// A server started by this program or by an earlier run of it.
///
/// It is known by its id and the time at which it started, so that a number given to another process is never mistaken
/// for it. Both are kept in a file, by which the next run finds it again.
struct ServerProcess: Sendable {
    let name: String
    let id: pid_t
    private let startedAt: String
    private let record: String

    /// Starts a program in a process group of its own, so that the terminal's Ctrl-C does not reach it.
    /// - Parameter isServer: whether it is to be found again by the next run.
    static func start(
        _ name: String, _ program: String, _ arguments: [String], in folder: DataFolder, isServer: Bool = true
    ) throws(DevFailure) -> ServerProcess {
        let log = folder.file("\(name).log")
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw DevFailure("cannot write \(log): \(String(cString: strerror(errno)))") }
        defer { close(output) }
        let id: pid_t
        do throws(SpawnFailure) {
            id = try Spawn(program, arguments, output: output, errors: output).start()
        } catch {
            throw DevFailure("\(error)")
        }
        let process = ServerProcess(
            name: name, id: id, startedAt: startTime(of: id) ?? "", record: folder.file("\(name).process"))
        if isServer { process.remember() }
        return process
    }

    /// The one that an earlier run left behind, if it lives.
    static func left(_ name: String, in folder: DataFolder) -> ServerProcess? {
        let record = folder.file("\(name).process")
        guard let stream = fopen(record, "r") else { return nil }
        defer { fclose(stream) }
        var content = [UInt8](repeating: 0, count: 64)
        let count = fread(&content, 1, content.count, stream)
        let words = String(decoding: content.prefix(count), as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard words.count == 2, let id = pid_t(words[0]) else { return nil }
        let process = ServerProcess(name: name, id: id, startedAt: String(words[1]), record: record)
        return process.isAlive ? process : nil
    }

    private func remember() {
        guard let stream = fopen(record, "w") else { return }
        fputs("\(id) \(startedAt)\n", stream)
        fclose(stream)
    }

    // MARK: Life

    /// Also lays a dead child to rest.
    var isAlive: Bool {
        var status: Int32 = 0
        if waitpid(id, &status, WNOHANG) == id { return false }
        return Self.startTime(of: id) == startedAt
    }

    /// Asks it and its children to end, and makes them when it takes too long.
    func stop(within limit: Duration) {
        if isAlive {
            kill(-id, SIGTERM)
            if !ends(within: limit) {
                DevConsole.say("\(name) did not stop within \(limit.components.seconds) s; killing it")
                kill(-id, SIGKILL)
                _ = ends(within: .seconds(5))
            }
        }
        unlink(record)
    }

    private func ends(within limit: Duration) -> Bool {
        let end = ContinuousClock.now + limit
        while isAlive {
            if ContinuousClock.now >= end { return false }
            usleep(20_000)
        }
        return true
    }

    /// Field 22 of `/proc/<id>/stat`; nil for a process that is gone or ended.
    private static func startTime(of id: pid_t) -> String? {
        guard let stream = fopen("/proc/\(id)/stat", "r") else { return nil }
        defer { fclose(stream) }
        var content = [UInt8](repeating: 0, count: 1024)
        let count = fread(&content, 1, content.count, stream)
        // The name before it may hold blanks and parentheses.
        let text = String(decoding: content.prefix(count), as: UTF8.self)
        guard let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return String(fields[19])
    }
}
