import Accounts
import Scheduler

/// Destinations: what they let through, and how they did lately.
struct DestinationPages: Sendable {
    let services: AdminServices

    /// As many as a page shows; the API and the command line list all.
    private static let limit = 500

    func list(_ visit: Visit) async throws -> Reply {
        var page = Page("destinations", visit.texts("destinations"), .destinations)
        let destinations = try await services.scheduler.destinations(after: 0, limit: Self.limit)
        let recent = try await services.scheduler.recentCalls()
        page.content["rows"] = destinations.map { DestinationRow($0, recent[$0.host], visit.texts) }
        page.content["isEmpty"] = destinations.isEmpty
        return .page(page)
    }

    func set(_ id: Int, _ change: AdminRoute.DestinationChange, _ visit: Visit) async throws -> Reply {
        switch change {
        case .pause:
            let reason = visit.signedIn.map { "by \($0.user.profile.name)" } ?? ""
            let destination = try await services.scheduler.pauseDestination("\(id)", reason: reason)
            await services.note(.destinationPause, on: destination.url, visit)
            return .redirect("\(AdminRoute.root)/destinations", .destinationPaused)
        case .resume:
            let destination = try await services.scheduler.resumeDestination("\(id)")
            await services.note(.destinationResume, on: destination.url, visit)
            return .redirect("\(AdminRoute.root)/destinations", .destinationResumed)
        }
    }
}

/// A destination in the list.
struct DestinationRow {
    let id: String
    let url: String
    let paused: ShownTime?
    let pauseReason: String?
    let failing: ShownTime?
    let openUntil: ShownTime?
    let rate: String?
    let concurrency: String?
    let notes: String
    let calls: String
    let failures: String
    let hasFailures: Bool
    let duration: String?

    init(_ destination: DestinationRecord, _ recent: RecentCalls?, _ texts: Texts) {
        id = "\(destination.id)"
        url = SecretMask.masked(url: destination.url)
        paused = destination.pausedAt.map(ShownTime.init)
        pauseReason = destination.pauseReason.flatMap { $0.isEmpty ? nil : $0 }
        failing = destination.failingSince.map(ShownTime.init)
        openUntil = destination.openUntil.map(ShownTime.init)
        rate = destination.settings.rate.map { "\($0)" }
        concurrency = destination.settings.maxConcurrency.map { "\($0)" }
        notes = destination.settings.notes
        calls = texts.number(recent?.calls ?? 0)
        failures = texts.number(recent?.failures ?? 0)
        hasFailures = recent.map { $0.failures > 0 } ?? false
        duration = recent.map { texts.length($0.medianAtMost) }
    }
}
