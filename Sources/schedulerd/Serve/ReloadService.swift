import Logging
import Scheduler
import ServiceLifecycle
import UnixSignals

/// Reads the configuration again when its files have changed, and on SIGHUP.
///
/// The files are looked at every second: that sees through links and network file systems, where notices of the kernel do
/// not, and costs nothing that can be measured.
struct ReloadService: Service {
    private static let interval: Duration = .seconds(1)

    let input: ConfigurationInput
    /// What the files held at the start, and what it meant.
    let content: ConfigurationInput.Content
    let loaded: Configuration.Loaded
    let live: LiveConfiguration
    let hangups: UnixSignalsSequence
    let logger: Logger

    func run() async throws {
        let asked = Signal()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in hangups { asked.notify() }
            }
            group.addTask { await watch(asked) }
            // Cancelled: the end as well.
            try? await gracefulShutdown()
            group.cancelAll()
        }
    }

    private func watch(_ asked: Signal) async {
        var watch = ConfigurationWatch(content)
        var loaded = loaded
        let time = SystemTime()
        while !Task.isCancelled {
            let isAsked = await asked.wait(until: time.now().advanced(by: Self.interval), time)
            if isAsked, !LogOutput.shared.reopen() { logger.error("the log file cannot be opened anew") }
            let content = input.read()
            if watch.look(content, isAsked: isAsked), !Task.isCancelled { reload(content, &loaded) }
        }
    }

    private func reload(_ content: ConfigurationInput.Content, _ loaded: inout Configuration.Loaded) {
        let change: ConfigurationChange
        do throws(ConfigurationError) {
            change = try ConfigurationChange(from: loaded, to: input.check(content))
        } catch {
            for problem in error.problems { logger.error("\(problem)") }
            logger.error("the new configuration is refused; the old one stays in force")
            return
        }
        let known = loaded.warnings
        loaded = change.loaded
        live.replace(with: loaded.configuration)
        LogOutput.shared.update(loaded.configuration.log)
        for warning in loaded.warnings where !known.contains(warning) { logger.warning("\(warning)") }
        if !change.applied.isEmpty {
            logger.notice("configuration applied", metadata: ["keys": "\(change.applied.joined(separator: ","))"])
        }
        if !change.pending.isEmpty {
            logger.warning(
                "configuration that needs a restart has changed",
                metadata: ["keys": "\(change.pending.joined(separator: ","))"])
        }
        if change.isEmpty { logger.notice("configuration read again: nothing has changed") }
    }
}
