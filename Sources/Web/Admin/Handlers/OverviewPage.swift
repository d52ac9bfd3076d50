import Accounts
import MySQL
import Scheduler

/// What happens now, what will happen, and what went wrong.
struct OverviewPage: Sendable {
    let services: AdminServices

    /// How old the figures may be.
    static let freshness: Duration = .seconds(2)

    func show(_ visit: Visit) async throws -> Reply {
        var page = Page("overview", visit.texts("overview"), .overview)
        page.content["figures"] = try await figures(visit.texts)
        return .page(page)
    }

    /// The figures alone, as HTML, for a page that is open already.
    func fragment(_ texts: Texts) async throws -> String {
        PageRenderer.html("figures", ["t": texts, "figures": try await figures(texts)] as [String: Any])
    }

    private func figures(_ texts: Texts) async throws -> [String: Any] {
        let snapshot = try await services.overview.current(maxAge: Self.freshness)
        let overview = snapshot.overview
        let recent = overview.recent
        return [
            "now": ShownTime(overview.now),
            "hasPausedDestinations": !snapshot.pausedDestinations.isEmpty,
            "pausedDestinations": snapshot.pausedDestinations.map { DestinationRow($0, texts) },
            "perSecond": texts.decimal(overview.callsPerSecond),
            "latenessP50": texts.bound(microseconds: recent.lateness?.p50),
            "latenessP99": texts.bound(microseconds: recent.lateness?.p99),
            "succeeded": texts.number(recent.succeeded),
            "retried": texts.number(recent.retried),
            "dead": texts.number(recent.dead),
            "hasFailures": recent.retried + recent.dead > 0,
            "overdue": texts.number(overview.overdue),
            "due": due(overview, texts),
            "dueTotal": texts.number(
                Estimate(
                    overview.due.reduce(0) { $0 + $1.tasks.count },
                    isExact: overview.due.allSatisfy { $0.tasks.isExact })),
            "calls": calls(overview, texts),
            "queues": snapshot.queues.entries.map { QueueRow($0, texts) },
            "hasMoreQueues": snapshot.queues.last != nil,
            "instances": snapshot.instances.filter { $0.endedAt == nil }.map {
                InstanceRow($0, now: overview.now, texts)
            },
        ]
    }

    private func due(_ overview: Overview, _ texts: Texts) -> Chart {
        Chart(
            overview.due.map { minute in
                (
                    label: "\(Self.clock(minute.start)): \(texts.number(minute.tasks))",
                    parts: [("due", minute.tasks.count)]
                )
            }, first: texts("now"), last: texts("in_an_hour"), texts)
    }

    private func calls(_ overview: Overview, _ texts: Texts) -> Chart {
        Chart(
            overview.minutes.map { minute in
                (
                    label: texts(
                        "minute_label",
                        [
                            "time": Self.clock(minute.start), "succeeded": texts.number(minute.attempts.succeeded),
                            "retried": texts.number(minute.attempts.retried),
                            "dead": texts.number(minute.attempts.dead),
                        ]),
                    parts: [
                        ("succeeded", minute.attempts.succeeded), ("retried", minute.attempts.retried),
                        ("dead", minute.attempts.dead),
                    ]
                )
            }, first: texts("an_hour_ago"), last: texts("now"), texts)
    }

    /// Hours and minutes, UTC.
    private static func clock(_ time: Timestamp) -> String {
        String(ShownTime(time).text.dropFirst(11).prefix(5))
    }
}
