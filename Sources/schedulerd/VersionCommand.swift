import ArgumentParser
import Scheduler

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version of this build.",
        discussion: """
            Example:
              schedulerd version
            """)

    func run() {
        print("schedulerd \(schedulerVersion)")
    }
}
