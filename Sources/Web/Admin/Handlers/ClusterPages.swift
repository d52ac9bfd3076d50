import Accounts
import MySQL
import Scheduler

/// Queues and instances.
struct ClusterPages: Sendable {
    let services: AdminServices

    func queues(_ visit: Visit) async throws -> Reply {
        var page = Page("queues", visit.texts("queues"), .queues)
        let queues = try await services.scheduler.queues()
        page.content["rows"] = queues.map { QueueRow($0, visit.texts) }
        page.content["isEmpty"] = queues.isEmpty
        return .page(page)
    }

    func setQueue(_ name: String, _ change: AdminRoute.QueueChange, _ visit: Visit) async throws -> Reply {
        switch change {
        case .pause:
            _ = try await services.scheduler.pause(queue: name)
            await services.note(.queuePause, on: name, visit)
            return .redirect("\(AdminRoute.root)/queues", .queuePaused)
        case .resume:
            _ = try await services.scheduler.resume(queue: name)
            await services.note(.queueResume, on: name, visit)
            return .redirect("\(AdminRoute.root)/queues", .queueResumed)
        }
    }

    func instances(_ visit: Visit) async throws -> Reply {
        var page = Page("instances", visit.texts("instances"), .instances)
        let (now, instances) = try await services.scheduler.instances()
        page.content["instances"] = instances.map { InstanceRow($0, now: now, visit.texts) }
        return .page(page)
    }
}

/// A queue in the list.
struct QueueRow {
    let name: String
    let path: String
    let paused: ShownTime?
    let waiting: String
    let overdue: String
    let hasOverdue: Bool
    let claimed: String
    let running: String
    let dead: String
    let nextDue: ShownTime?

    init(_ queue: QueueStatus, _ texts: Texts) {
        name = queue.name
        path = QueryEscape.encode(queue.name)
        paused = queue.pausedAt.map(ShownTime.init)
        waiting = texts.number(queue.waiting)
        overdue = texts.number(queue.overdue)
        hasOverdue = queue.overdue.count > 0
        claimed = texts.number(queue.claimed)
        running = texts.number(queue.running)
        dead = texts.number(queue.dead)
        nextDue = queue.nextDue.map(ShownTime.init)
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
