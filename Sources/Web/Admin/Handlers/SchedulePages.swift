import Accounts
import HTTPTypes
import MySQL
import Scheduler

/// Tasks that come again and again: the list, each with its next and its last runs, and the form that makes one.
struct SchedulePages: Sendable {
    let services: AdminServices

    private static let path = AdminRoute.root + "/schedules"
    private static let pageSize = 50
    private static let runsShown = 10

    func list(_ visit: Visit) async throws -> Reply {
        let texts = visit.texts
        let cursor = visit.query["before"] ?? ""
        let found = try await ListPage(limit: Self.pageSize) {
            try await services.scheduler.schedules(after: cursor, limit: $0)
        }
        var page = Page("schedules", texts("schedules"), .schedules)
        page.content["rows"] = found.entries.map { ScheduleView($0, texts) }
        page.content["isEmpty"] = found.entries.isEmpty && cursor.isEmpty
        let link = PageLink("schedules", [])
        if !cursor.isEmpty { page.content["first"] = link.path() }
        if let last = found.last { page.content["next"] = link.path(before: last.schedule.name) }
        return .page(page)
    }

    func show(_ name: String, _ visit: Visit) async throws -> Reply {
        let texts = visit.texts
        let schedule = try await services.scheduler.schedule(name)
        var filter = TaskFilter()
        filter.label = TaskFilter.Label("\(NewSchedule.nameLabel)=\(name)")
        let found = try await services.scheduler.tasks(filter, before: nil, limit: Self.runsShown)
        var page = Page("schedule", name, .schedules)
        page.content["schedule"] = ScheduleView(schedule, texts)
        let times = schedule.coming(Self.runsShown).map { ShownTime($0) }
        page.content["times"] = times
        page.content["hasTimes"] = !times.isEmpty
        page.content["rows"] = found.tasks.map { TaskRow($0, texts) }
        page.content["hasRuns"] = !found.tasks.isEmpty
        page.content["all"] = PageLink("tasks", [("label", "\(NewSchedule.nameLabel)=\(name)")]).path()
        return .page(page)
    }

    func new(_ visit: Visit) -> Reply {
        .page(form(ScheduleForm(), visit))
    }

    func add(_ visit: Visit) async throws -> Reply {
        let form = ScheduleForm(visit.form)
        do {
            let draft = try form.draft(now: services.scheduler.now())
            let schedule = try await services.scheduler.add(draft, isPaused: false)
            let name = schedule.schedule.name
            await services.note(.scheduleAdd, on: name, visit)
            return .redirect("\(Self.path)/\(name)", .scheduleAdded)
        } catch let error as ValidationError {
            return .page(self.form(form, visit, error.problems))
        } catch ScheduleError.exists(let name) {
            return .page(self.form(form, visit, [FieldProblem("name", "there is a schedule \(name) already")]))
        }
    }

    func steer(_ name: String, _ change: AdminRoute.ScheduleChange, _ visit: Visit) async throws -> Reply {
        let scheduler = services.scheduler
        switch change {
        case .pause:
            _ = try await scheduler.pause(schedule: name)
            await services.note(.schedulePause, on: name, visit)
            return .redirect("\(Self.path)/\(name)", .schedulePaused)
        case .resume:
            _ = try await scheduler.resume(schedule: name)
            await services.note(.scheduleResume, on: name, visit)
            return .redirect("\(Self.path)/\(name)", .scheduleResumed)
        case .run:
            let task = try await scheduler.run(schedule: name)
            await services.note(.scheduleRun, on: name, visit, nil, task.auditState)
            return .redirect("\(AdminRoute.root)/tasks/\(task.id)", .taskCreated)
        case .delete:
            try await scheduler.deleteSchedule(name)
            await services.note(.scheduleDelete, on: name, visit)
            return .redirect(Self.path, .scheduleDeleted)
        }
    }

    private func form(_ form: ScheduleForm, _ visit: Visit, _ problems: [FieldProblem] = []) -> Page {
        let texts = visit.texts
        var page = Page(
            "schedule_form", texts("new_schedule"), .schedules, status: problems.isEmpty ? .ok : .unprocessableContent)
        page.content["form"] = form
        page.content["task"] = form.task
        page.content["problems"] = problems.map(ShownProblem.init)
        page.content["methods"] = CallbackRequest.methods.map { FormChoice($0, $0, isChosen: $0 == form.task.method) }
        page.content["missedChoices"] = MissedRuns.allCases.map {
            FormChoice($0.rawValue, texts("missed_\($0.rawValue)"), isChosen: $0.rawValue == form.missed)
        }
        page.content["overlapChoices"] = Overlap.allCases.map {
            FormChoice($0.rawValue, texts("overlap_\($0.rawValue)"), isChosen: $0.rawValue == form.overlap)
        }
        return page
    }
}
