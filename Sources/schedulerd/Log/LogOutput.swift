import Logging
import MySQL
import Scheduler
import Synchronization

/// Where the loggers of this process write to, and how. All but the file's name can change while it runs.
final class LogOutput: Sendable {
    static let shared = LogOutput()

    private struct State {
        var format = Configuration.Log.Format.text
        /// nil: standard error.
        var file: LogFile?
    }

    private let state = Mutex(State())
    /// Beside the state, so that what is not written never waits for a disk.
    private let severity = Atomic(Logger.Level.info.rank)

    /// The level of loggers that have none of their own.
    var level: Logger.Level { Logger.Level.allCases[severity.load(ordering: .relaxed)] }

    /// Whether standard error says nothing.
    var hasFile: Bool { state.withLock { $0.file != nil } }

    /// Opens the file, if there is to be one.
    func open(_ log: Configuration.Log) throws(LogFileError) {
        let error: LogFileError? = state.withLock { state in
            do throws(LogFileError) {
                state.file = try log.file.map { path throws(LogFileError) in
                    try LogFile(path: path, keptFiles: log.keptFiles, now: .now)
                }
                return nil
            } catch {
                return error
            }
        }
        if let error { throw error }
        update(log)
    }

    func update(_ log: Configuration.Log) {
        severity.store((Logger.Level(rawValue: log.level.rawValue) ?? .info).rank, ordering: .relaxed)
        state.withLock { state in
            state.format = log.format
            state.file?.keptFiles = log.keptFiles
            state.file?.isRolled = log.roll == .daily
        }
    }

    /// Opens the file anew, for whoever has renamed it.
    /// - Returns: false when that failed; what was open stays.
    func reopen() -> Bool {
        state.withLock { $0.file?.reopen(now: .now) ?? true }
    }

    func write(_ line: LogLine) {
        state.withLock { state in
            let isJSON = state.format == .json
            guard let file = state.file else { return StandardError.write(isJSON ? line.json : line.text) }
            file.write(isJSON ? line.json : line.text, now: line.time) { count in
                let note = LogLine(
                    time: line.time, level: .warning, label: line.label,
                    message: "lines of the log could not be written", fields: [("count", "\(count)")])
                return isJSON ? note.json : note.text
            }
        }
    }
}

extension Logger.Level {
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self)! }
}
