import MySQL
import Scheduler

/// A schedule on a page.
struct ScheduleView {
    let name: String
    let rule: String
    let zone: String?
    let queue: String
    let method: String
    let url: String
    let missed: String
    let overlap: String
    let jitter: String?
    let next: ShownTime?
    let last: ShownTime?
    let lastTask: String?
    let runs: String
    let skipped: String
    let isPaused: Bool
    let isOver: Bool
    let created: ShownTime

    init(_ schedule: Schedule, _ texts: Texts) {
        let new = schedule.schedule
        name = new.name
        (rule, zone) =
            switch new.rule {
            case .cron(let cron): (cron.expression.text, cron.zone.name)
            case .every(let interval, _): (texts.length(interval), nil)
            case .times(let times): ("\(times.count) ×", nil)
            }
        queue = new.task.queue
        let request = SecretMask.masked(new.task.request)
        (method, url) = (request.method, request.url)
        missed = texts("missed_\(new.missed.rawValue)")
        overlap = texts("overlap_\(new.overlap.rawValue)")
        jitter = new.jitter == .zero ? nil : texts.length(new.jitter)
        next = schedule.nextAt.map { ShownTime($0) }
        last = schedule.lastRunAt.map { ShownTime($0) }
        lastTask = schedule.lastTask?.description
        runs = texts.number(schedule.runs)
        skipped = texts.number(schedule.skipped)
        isPaused = schedule.pausedAt != nil
        isOver = schedule.pausedAt == nil && schedule.nextAt == nil
        created = ShownTime(schedule.createdAt)
    }
}
