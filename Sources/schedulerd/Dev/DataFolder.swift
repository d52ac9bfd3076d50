import Glibc

/// The folder in which `schedulerd dev` keeps its data. One process at a time holds it.
final class DataFolder: Sendable {
    /// Absolute.
    let path: String
    /// Where sockets are: the folder itself, or a short one elsewhere when their paths would be too long.
    let socketPath: String
    private let lock: Int32

    /// `sun_path` of a unix socket address, less its NUL.
    private static let longestSocketPath = 107
    private static let longestSocketName = "/mariadb.sock"

    init(_ path: String) throws(DevFailure) {
        try Self.make(path)
        guard let real = realpath(path, nil) else { throw Self.failure("find the folder \(path)") }
        self.path = String(cString: real)
        free(real)
        lock = try Self.take(self.path + "/lock")
        do throws(DevFailure) {
            socketPath = try Self.socketPath(of: self.path)
        } catch {
            close(lock)
            throw error
        }
    }

    /// When the servers have ended. The lock also ends with the process, however that comes.
    func release() {
        // It is empty unless a server had to be killed; then the next run finds it by the link.
        if socketPath != path, rmdir(socketPath) == 0 { unlink(file("sockets")) }
        close(lock)
    }

    private static func make(_ path: String) throws(DevFailure) {
        // The unix sockets in it let anyone in who can reach them.
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        throw failure("make the folder \(path)")
    }

    /// Children do not inherit it: a server that outlives its parent must not hold the folder.
    private static func take(_ path: String) throws(DevFailure) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(descriptor)
            if reason == EWOULDBLOCK {
                throw DevFailure("another schedulerd dev runs in this folder (\(path) is locked)")
            }
            errno = reason
            throw failure("lock \(path)")
        }
        return descriptor
    }

    /// A folder made elsewhere is remembered by a link, so that the next start finds servers that still run.
    private static func socketPath(of path: String) throws(DevFailure) -> String {
        if path.utf8.count + longestSocketName.utf8.count <= longestSocketPath { return path }
        let link = path + "/sockets"
        var known = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &known, known.count)
        if count > 0 {
            let target = String(decoding: known.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
            if isPrivateFolder(target) { return target }
            unlink(link)
        }
        var template = Array("/tmp/schedulerd-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw failure("make a folder in /tmp") }
        let made = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard symlink(made, link) == 0 else { throw failure("make the link \(link)") }
        return made
    }

    private static func isPrivateFolder(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
    }

    private static func failure(_ what: String) -> DevFailure {
        DevFailure("cannot \(what): \(String(cString: strerror(errno)))")
    }

    // MARK: Files

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func socket(_ name: String) -> String { "\(socketPath)/\(name)" }

    /// The last lines of a log, for a message; empty when there is none.
    func tail(_ name: String, lines: Int = 20) -> String {
        guard let stream = fopen(file(name), "r") else { return "" }
        defer { fclose(stream) }
        // The last lines are within these bytes.
        if fseek(stream, -16_384, SEEK_END) != 0 { rewind(stream) }
        var content = [UInt8](repeating: 0, count: 16_384)
        let count = fread(&content, 1, content.count, stream)
        let text = String(decoding: content.prefix(count), as: UTF8.self)
        return text.split(separator: "\n").suffix(lines).map { "  \($0)" }.joined(separator: "\n")
    }
}
