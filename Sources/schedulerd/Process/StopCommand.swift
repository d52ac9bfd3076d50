import ArgumentParser
import Glibc
import MySQL
import Scheduler

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "End the scheduler that goes by a pid file, and wait until it has ended.",
        discussion: """
            Running calls may finish within shutdown.drain_s, the rest is given back. A process that does not end is left
            alone unless --kill-after is given; what it had is then run by the others when its lease is over.

            Status 0: it has ended, or did not run. 1: it still runs.

            Examples:
              schedulerd stop --config schedulerd.yaml
              schedulerd stop --pid-file /run/schedulerd.pid --kill-after 60
            """)

    @OptionGroup var process: ProcessOptions
    @OptionGroup var end: EndOptions

    func run() throws {
        let configuration = try process.load()
        let pidFile = try process.pidFile(configuration)
        if let holder = try end.end(pidFile, configuration) {
            print("schedulerd with pid \(holder) has ended")
        } else {
            print("schedulerd does not run")
        }
    }
}

/// How long a process may take to end.
struct EndOptions: ParsableArguments {
    @Option(help: "How many seconds to wait for the end. Default: shutdown.drain_s and 15 more.") var wait: Int?
    @Option(help: "After how many seconds to kill it; tasks that run then count as lost.") var killAfter: Int?

    /// - Returns: the process that has ended; nil: there was none.
    /// - Throws: an exit when it still runs.
    func end(_ pidFile: PidFile, _ configuration: Configuration) throws -> pid_t? {
        do {
            guard let holder = try pidFile.holder() else {
                pidFile.removeWhatIsLeft()
                return nil
            }
            try send(SIGTERM, to: holder)
            let patience = wait.map { .seconds($0) } ?? configuration.shutdown.drain + .seconds(15)
            if try ends(holder, pidFile, within: killAfter.map { .seconds($0) } ?? patience) { return holder }
            guard killAfter != nil else {
                throw StillRunning(process: holder, seconds: patience.components.seconds)
            }
            StandardError.write("schedulerd: killing pid \(holder), which has not ended\n")
            try send(SIGKILL, to: holder)
            guard try ends(holder, pidFile, within: .seconds(10)) else {
                throw StillRunning(process: holder, seconds: 10)
            }
            pidFile.removeWhatIsLeft()
            return holder
        } catch {
            throw CommandFailure(error).report()
        }
    }

    private func send(_ signal: Int32, to process: pid_t) throws(StillRunning) {
        if kill(process, signal) != 0, errno != ESRCH {
            throw StillRunning(process: process, error: errno)
        }
    }

    private func ends(_ process: pid_t, _ pidFile: PidFile, within limit: Duration) throws -> Bool {
        let end = ContinuousClock.now.advanced(by: limit)
        // Another one that holds the file means that this one has ended.
        while try pidFile.holder() == process {
            if ContinuousClock.now >= end { return false }
            usleep(20_000)
        }
        return true
    }

    private struct StillRunning: Error, CustomStringConvertible {
        let description: String

        init(process: pid_t, seconds: Int64) {
            description = "pid \(process) still runs after \(seconds) s; --kill-after kills it"
        }

        init(process: pid_t, error: Int32) {
            description = "pid \(process) cannot be told to end: \(String(cString: strerror(error)))"
        }
    }
}
