import ArgumentParser
import MySQL
import Scheduler

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Run the scheduler in the background, and wait until it serves.",
        discussion: """
            For machines without systemd; elsewhere `schedulerd serve` is what a service runs. The process has a session of
            its own and goes by a pid file. It is ready when it accepts and runs tasks.

            Status 0: it is ready. 1: it could not start, or runs already. 75: it runs, but is not ready yet. 78: the
            configuration has problems.

            Example:
              schedulerd start --config schedulerd.yaml --pid-file /run/schedulerd.pid --log-file /var/log/schedulerd.log
            """)

    @OptionGroup var options: ServeOptions
    @Option(help: "How many seconds to wait until it is ready.") var wait = 30

    func run() throws {
        let configuration = try options.input.loadOrExit().loaded.configuration
        try StartedProcess(options: options, configuration: configuration, patience: .seconds(wait)).start()
    }
}

/// Starts a process in the background for the commands that do.
struct StartedProcess {
    /// `EX_TEMPFAIL` of sysexits.h.
    private static let unready: Int32 = 75

    let options: ServeOptions
    let configuration: Configuration
    let patience: Duration

    /// - Throws: an exit after what happened was printed.
    func start() throws {
        let pidFile = try PidFile(configuration)
        do {
            if let holder = try pidFile.holder() { throw PidFileError(pidFile.path, holder: holder) }
        } catch {
            throw CommandFailure(error).report()
        }
        if configuration.log.file == nil {
            StandardError.write("schedulerd: neither --log-file nor log.file is set: the log goes nowhere\n")
        }
        let (process, outcome): (Int32, Detachment.Outcome)
        do {
            (process, outcome) = try Detachment.start(["serve", "--detached"] + options.arguments, patience: patience)
        } catch {
            throw CommandFailure(error).report()
        }
        switch outcome {
        case .ready(let said):
            StandardError.write(said)
            print("schedulerd is ready, with pid \(process)")
        case .unready:
            let status = ProcessStatus(path: ProcessStatus.path(beside: pidFile.path), now: .now)
            throw CommandFailure(
                [
                    "schedulerd runs with pid \(process), but is not ready after \(patience.components.seconds) s: "
                        + (status?.unreadiness ?? "it has not said why")
                ], status: Self.unready
            ).report()
        case .ended(let said, let ending, let status):
            StandardError.write(said)
            throw CommandFailure(
                ["schedulerd did not start: it ended with \(ending)"],
                status: status == CommandFailure.configuration ? CommandFailure.configuration : 1
            ).report()
        }
    }
}
