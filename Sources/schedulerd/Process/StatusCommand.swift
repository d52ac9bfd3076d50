import ArgumentParser
import MySQL
import Scheduler

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Tell whether the scheduler that goes by a pid file runs, and how it is.",
        discussion: """
            Status as init scripts have it (LSB). 0: it runs. 1: it is dead and has left its pid file. 3: it does not run.
            4: that cannot be told.

            Examples:
              schedulerd status --config schedulerd.yaml
              schedulerd status --pid-file /run/schedulerd.pid || schedulerd start --config schedulerd.yaml
            """)

    @OptionGroup var process: ProcessOptions

    func run() throws {
        let pidFile = try process.pidFile(process.load())
        let holder: Int32?
        do {
            holder = try pidFile.holder()
        } catch {
            throw CommandFailure(["schedulerd: \(error)"], status: 4).report()
        }
        guard let holder else {
            if pidFile.exists {
                print("schedulerd is dead; it has left \(pidFile.path)")
                throw ExitCode(1)
            }
            print("schedulerd does not run")
            throw ExitCode(3)
        }
        guard let status = ProcessStatus(path: ProcessStatus.path(beside: pidFile.path), now: .now) else {
            return print("schedulerd runs with pid \(holder)")
        }
        print(
            """
            schedulerd \(status.version) runs with pid \(holder) since \(status.startedAt.rfc3339)
            roles: \(status.roles.joined(separator: ", "))
            \(status.unreadiness.map { "not ready: \($0)" } ?? "ready")
            """)
    }
}
