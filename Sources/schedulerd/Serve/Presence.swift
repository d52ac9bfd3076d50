import Glibc
import MySQL
import Scheduler
import ServiceLifecycle
import Synchronization

/// Tells others how this process is: by the file beside its pid file, and the command that started it.
final class Presence: Service {
    /// While somebody waits to hear that it is ready.
    private static let interval: Duration = .milliseconds(200)
    /// For those who look at the file now and then.
    private static let calmInterval: Duration = .seconds(1)

    private let statusFile: String?
    private let startedAt: Timestamp
    private let roles: Set<Configuration.Role>
    /// Whether `schedulerd start` waits for it.
    private let isDetached: Bool
    private let scheduler: SchedulerService
    private let admin: AdminDesk?
    private let isListening = Atomic(false)

    init(
        pidFile: PidFile?, startedAt: Timestamp, roles: Set<Configuration.Role>, isDetached: Bool,
        scheduler: SchedulerService, admin: AdminDesk?
    ) {
        statusFile = pidFile.map { ProcessStatus.path(beside: $0.path) }
        self.startedAt = startedAt
        self.roles = roles
        self.isDetached = isDetached
        self.scheduler = scheduler
        self.admin = admin
    }

    /// To be told that connections are accepted.
    func listens() {
        isListening.store(true, ordering: .relaxed)
    }

    private var unreadiness: String? {
        if roles.contains(.api) || admin != nil, !isListening.load(ordering: .relaxed) {
            return "it does not listen yet"
        }
        return scheduler.unreadiness ?? admin?.unreadiness
    }

    /// Until all other services have ended, so that the drain can be told of too.
    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.tell() }
        } catch is CancellationError {
            // The end.
        }
        if let statusFile { unlink(statusFile) }
    }

    private func tell() async throws {
        var told: ProcessStatus?
        var isAwaited = isDetached
        while true {
            let status = ProcessStatus(
                version: schedulerVersion, startedAt: startedAt, roles: roles.map(\.rawValue).sorted(),
                unreadiness: unreadiness)
            if let statusFile {
                if status == told { ProcessStatus.touch(statusFile) } else { status.write(to: statusFile) }
            }
            told = status
            if isAwaited, status.unreadiness == nil {
                Detachment.tellReady()
                isAwaited = false
            }
            if isAwaited {
                try await Task.sleep(for: Self.interval)
            } else if statusFile != nil {
                try await Task.sleep(for: Self.calmInterval)
            } else {
                // Nobody is told anything any more.
                try await Task.sleep(for: .seconds(86_400))
            }
        }
    }
}
