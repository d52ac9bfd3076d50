import Accounts
import MySQL
import Scheduler

/// Instances.
struct ClusterPages: Sendable {
    let services: AdminServices

    private static let pageSize = 100

    func instances(_ visit: Visit) async throws -> Reply {
        var page = Page("instances", visit.texts("instances"), .instances)
        let cursor = visit.query["before"].flatMap(InstanceCursor.init)
        let (now, found) = try await services.scheduler.instances(after: cursor, limit: Self.pageSize + 1)
        let list = ListPage(found, limit: Self.pageSize)
        page.content["instances"] = list.entries.map { InstanceRow($0, now: now, visit.texts) }
        let link = PageLink("instances", [])
        if cursor != nil { page.content["first"] = link.path() }
        if let last = list.last { page.content["next"] = link.path(before: "\(InstanceCursor(after: last))") }
        return .page(page)
    }
}

/// An instance in the list.
struct InstanceRow {
    let name: String
    let incarnation: String
    let version: String
    let isOwn: Bool
    let isAlive: Bool
    let isExpired: Bool
    let leaseAge: String
    let started: ShownTime
    let ended: ShownTime?
    let claimed: String
    let running: String

    init(_ instance: InstanceStatus, now: Timestamp, _ texts: Texts) {
        name = instance.name
        incarnation = "\(instance.incarnation)"
        version = instance.version
        isOwn = instance.isOwn
        isExpired = instance.endedAt == nil && instance.leaseUntil < now
        isAlive = instance.endedAt == nil && !isExpired
        leaseAge = texts.length(max(.zero, now - instance.heartbeatAt))
        started = ShownTime(instance.startedAt)
        ended = instance.endedAt.map(ShownTime.init)
        claimed = texts.number(instance.claimed)
        running = texts.number(instance.running)
    }
}
