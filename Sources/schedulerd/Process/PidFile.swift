import Glibc

/// A file with the id of the process that runs, locked by it for as long as it lives.
///
/// The lock, not the number, says who runs: the kernel drops it however the process ends, so a number that has gone to
/// another process is never mistaken for ours.
struct PidFile {
    let path: String

    /// The process that holds the file now; nil: none does.
    func holder() throws(PidFileError) -> pid_t? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw PidFileError(path, "cannot be read", errno)
        }
        defer { close(descriptor) }
        return try Self.holder(descriptor, path)
    }

    /// Whether the file is there: left behind by a process that died, if nobody holds it.
    var exists: Bool { access(path, F_OK) == 0 }

    /// Takes the file for this process until it ends.
    /// - Throws: also when another process holds it.
    func hold() throws(PidFileError) {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
            guard descriptor >= 0 else { throw PidFileError(path, "cannot be written", errno) }
            var lock = Self.lock
            guard fcntl(descriptor, F_SETLK, &lock) == 0 else {
                let error = errno
                defer { close(descriptor) }
                guard error == EAGAIN || error == EACCES else { throw PidFileError(path, "cannot be locked", error) }
                guard let holder = try Self.holder(descriptor, path) else { continue }
                throw PidFileError(path, holder: holder)
            }
            // Another process may have ended and removed the file before it was locked.
            guard Self.isNamed(path, descriptor) else {
                close(descriptor)
                continue
            }
            let text = "\(getpid())\n"
            guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.utf8.count, 0) == text.utf8.count else {
                throw PidFileError(path, "cannot be written", errno)
            }
            // Open until the process ends, and the lock with it.
            return
        }
    }

    /// By the process that holds it, at its end.
    func remove() {
        unlink(path)
    }

    /// Removes the files of a process that is dead, unless another one has just begun.
    func removeWhatIsLeft() {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var lock = Self.lock
        guard fcntl(descriptor, F_SETLK, &lock) == 0, Self.isNamed(path, descriptor) else { return }
        unlink(path)
        unlink(ProcessStatus.path(beside: path))
    }

    private static var lock: flock {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        return lock
    }

    private static func holder(_ descriptor: Int32, _ path: String) throws(PidFileError) -> pid_t? {
        var lock = Self.lock
        guard fcntl(descriptor, F_GETLK, &lock) == 0 else {
            throw PidFileError(path, "cannot be asked for its lock", errno)
        }
        return lock.l_type == Int16(F_UNLCK) ? nil : lock.l_pid
    }

    private static func isNamed(_ path: String, _ descriptor: Int32) -> Bool {
        var named = stat()
        var opened = stat()
        return stat(path, &named) == 0 && fstat(descriptor, &opened) == 0 && named.st_ino == opened.st_ino
            && named.st_dev == opened.st_dev
    }
}

/// What is wrong with a pid file.
struct PidFileError: Error, CustomStringConvertible {
    let description: String
    /// The process that holds it, if that is what is wrong.
    let holder: pid_t?

    init(_ path: String, _ problem: String, _ error: Int32) {
        description = "the pid file \(path) \(problem): \(String(cString: strerror(error)))"
        holder = nil
    }

    init(_ path: String, holder: pid_t) {
        description = "schedulerd runs already with pid \(holder) (\(path))"
        self.holder = holder
    }
}
