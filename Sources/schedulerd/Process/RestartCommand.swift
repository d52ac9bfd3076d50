import ArgumentParser
import Scheduler

struct RestartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "End the scheduler that goes by a pid file, and start it again.",
        discussion: """
            With a configuration that has problems nothing is stopped. When none runs, one is started. The statuses are
            those of start.

            Example:
              schedulerd restart --config schedulerd.yaml
            """)

    @OptionGroup var options: ServeOptions
    @OptionGroup var end: EndOptions
    @Option(help: "How many seconds to wait until it is ready.") var startWait = 30

    func run() throws {
        let configuration = try options.input.loadOrExit().loaded.configuration
        if let holder = try end.end(PidFile(configuration), configuration) {
            print("schedulerd with pid \(holder) has ended")
        }
        try StartedProcess(options: options, configuration: configuration, patience: .seconds(startWait)).start()
    }
}
