import FoundationEssentials
import Glibc
import MySQL
import Scheduler

/// The file that the log goes to: a new one each day, the newest kept.
///
/// At midnight by UTC, the clock of the lines' own times, the file is renamed to `<path>.<day>` and a new one begun.
/// Processes may share a file. Nothing that happens to it stops the process: lines that cannot be written are counted,
/// and the count is written as soon as something can be.
final class LogFile {
    private let path: String
    /// Files of past days that stay; 0: all.
    var keptFiles: Int
    /// Whether a day is a file.
    var isRolled = true
    private var descriptor: Int32
    /// The day that the open file is of, counted from 1970; nil for what is no file.
    private var day: Int64?
    /// A change of the file has failed, and is not tried again before.
    private var patientUntil = Timestamp(microseconds: 0)
    /// A line was cut off: the next begins on a line of its own.
    private var isTorn = false
    private var lost = 0

    /// - Throws: why nothing can be written there.
    init(path: String, keptFiles: Int, now: Timestamp) throws(LogFileError) {
        self.path = path
        self.keptFiles = keptFiles
        descriptor = Self.open(path)
        if descriptor < 0 { throw LogFileError(path: path, error: errno) }
        day = Self.day(of: descriptor, now: now)
    }

    deinit {
        close(descriptor)
    }

    /// - Parameter note: makes the line that tells of so many lost ones.
    func write(_ line: String, now: Timestamp, note: (Int) -> String) {
        if isRolled, let day, now.microseconds >= (day + 1) * Self.dayLength, now >= patientUntil { roll(day, now) }
        if lost > 0, put(note(lost)) { lost = 0 }
        if lost > 0 || !put(line) { lost += 1 }
    }

    /// Opens the path anew, for whoever has renamed the file. What is open stays when that fails.
    /// - Returns: whether it went well.
    func reopen(now: Timestamp) -> Bool {
        let opened = Self.open(path)
        guard opened >= 0 else { return false }
        close(descriptor)
        descriptor = opened
        isTorn = false
        day = Self.day(of: descriptor, now: now)
        return true
    }

    private static func open(_ path: String) -> Int32 {
        Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0o640)
    }

    /// One write(2) for a line, so that those of several threads and processes do not mix.
    private func put(_ line: String) -> Bool {
        let bytes = Array((isTorn ? "\n" + line : line).utf8)
        while true {
            let count = Glibc.write(descriptor, bytes, bytes.count)
            if count == bytes.count { break }
            if count < 0, errno == EINTR { continue }
            if count > 0 { isTorn = true }
            return false
        }
        isTorn = false
        return true
    }

    // MARK: Days

    private static let dayLength: Int64 = 86_400_000_000

    /// What is in the file already is of the day on which it was last written to. What is no file has no days.
    private static func day(of descriptor: Int32, now: Timestamp) -> Int64? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let written = status.st_size > 0 ? Int64(status.st_mtim.tv_sec) * 1_000_000 : now.microseconds
        return written / dayLength
    }

    /// Puts the open file aside, its day being over. Of several processes one renames, and the others follow it.
    private func roll(_ day: Int64, _ now: Timestamp) {
        let name = Timestamp(microseconds: day * Self.dayLength).rfc3339.prefix(10)
        flock(descriptor, LOCK_EX)
        var named = stat()
        var opened = stat()
        if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, named.st_ino == opened.st_ino,
            named.st_dev == opened.st_dev
        {
            rename(path, unusedName("\(path).\(name)"))
        }
        flock(descriptor, LOCK_UN)
        if reopen(now: now) {
            removeOld()
        } else {
            // The old one goes on.
            patientUntil = now + .seconds(60)
        }
    }

    /// A day has more than one file when somebody put a clock back.
    private func unusedName(_ name: String) -> String {
        var candidate = name
        var number = 1
        while access(candidate, F_OK) == 0, number < 1000 {
            number += 1
            candidate = "\(name).\(number)"
        }
        return candidate
    }

    private func removeOld() {
        guard keptFiles > 0 else { return }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
        let prefix = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...] + "."
        // Cannot be listed: then nothing is removed.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: String(folder))) ?? []
        let old = names.filter { $0.hasPrefix(prefix) && Self.isDay($0.dropFirst(prefix.count).prefix(10)) }.sorted()
        for name in old.dropLast(keptFiles) { unlink(folder + name) }
    }

    private static func isDay(_ text: Substring) -> Bool {
        Timestamp(rfc3339: text + "T00:00:00Z") != nil
    }
}

/// Why there is no log file.
struct LogFileError: Error, CustomStringConvertible {
    let path: String
    let error: Int32

    var description: String { "log.file: \(path) cannot be opened: \(String(cString: strerror(error)))" }
}
