import Accounts
import HTTPTypes
import Hummingbird
import MySQL
import Scheduler

/// The list of tasks, and each task with its attempts.
struct TaskPages: Sendable {
    let services: AdminServices

    private static let pageSize = 50
    private static let attemptsShown = 200

    // MARK: List

    func list(_ visit: Visit) async throws -> Reply {
        let search = TaskSearch(visit.query)
        if let id = search.id { return .redirect("\(AdminRoute.root)/tasks/\(id)") }
        let texts = visit.texts
        var page = Page("tasks", texts("tasks"), .tasks, search.view(texts))
        page.content["problems"] = search.problems.map(ShownProblem.init)
        guard search.problems.isEmpty else {
            page.status = .badRequest
            return .page(page)
        }
        let found = try await services.scheduler.tasks(search.filter, before: search.cursor, limit: Self.pageSize)
        page.content["rows"] = found.tasks.map { TaskRow($0, texts) }
        page.content["isEmpty"] = found.tasks.isEmpty && found.next == nil
        page.content["searchedTo"] = found.searchedTo.map(ShownTime.init)
        if search.cursor != nil { page.content["first"] = search.path(before: nil) }
        page.content["next"] = found.next.map { search.path(before: $0) }
        return .page(page)
    }

    // MARK: One

    func show(_ id: TaskID, _ visit: Visit) async throws -> Reply {
        let texts = visit.texts
        let task = try await services.scheduler.task(id)
        let all = try await services.scheduler.attempts(
            of: id, after: max(0, task.attempt - Self.attemptsShown), limit: Self.attemptsShown)
        let lineage = try await services.scheduler.lineage(of: id)
        var page = Page("task", texts("task"), .tasks)
        page.content["task"] = TaskView(task, texts)
        page.content["attempts"] = all.reversed().map { AttemptView($0, of: task, texts) }
        page.content["hasAttempts"] = !all.isEmpty
        page.content["attemptsCut"] = task.attempt > Self.attemptsShown
        page.content["original"] = lineage.original?.description
        page.content["hasCopies"] = !lineage.copies.isEmpty
        page.content["copies"] = lineage.copies.map(\.description)
        page.content["hasFollowUps"] = !lineage.followUps.isEmpty
        page.content["madeFollowUps"] = lineage.followUps.map(\.description)
        return .page(page)
    }

    func steer(_ id: TaskID, _ steering: AdminRoute.TaskSteering, _ visit: Visit) async throws -> Reply {
        let scheduler = services.scheduler
        let before = try await scheduler.task(id)
        let path = "\(AdminRoute.root)/tasks/"
        switch steering {
        case .cancel:
            let after = try await scheduler.cancel(id)
            await services.note(.taskCancel, on: id.description, visit, before.auditState, after.auditState)
            return .redirect(path + id.description, .taskCancelled)
        case .run:
            let after = try await scheduler.runNow(id)
            await services.note(.taskRun, on: id.description, visit, before.auditState, after.auditState)
            return .redirect(path + id.description, .taskRun)
        case .retry:
            let after = try await scheduler.retry(id)
            await services.note(.taskRetry, on: id.description, visit, before.auditState, after.auditState)
            return .redirect(path + id.description, .taskRetried)
        case .duplicate:
            let copy = try await scheduler.duplicate(id, planTime: nil)
            await services.note(.taskDuplicate, on: id.description, visit, nil, copy.auditState)
            return .redirect(path + copy.id.description, .taskDuplicated)
        }
    }

    // MARK: Forms

    func new(_ visit: Visit) -> Reply {
        .page(form(TaskForm(), editing: nil, visit))
    }

    func create(_ visit: Visit) async throws -> Reply {
        let form = TaskForm(visit.form)
        do {
            let draft = try form.draft(now: services.scheduler.now())
            if visit.form["preview"] != nil {
                var page = self.form(form, editing: nil, visit)
                page.content["curl"] = draft.curl(server: services.server(of: visit))
                return .page(page)
            }
            let task = try await services.scheduler.accept(draft)
            await services.note(.taskAdd, on: task.id.description, visit, nil, task.auditState)
            return .redirect("\(AdminRoute.root)/tasks/\(task.id)", .taskCreated)
        } catch let error as ValidationError {
            return .page(self.form(form, editing: nil, visit, error.problems))
        }
    }

    func edit(_ id: TaskID, _ visit: Visit) async throws -> Reply {
        let task = try await services.scheduler.task(id)
        return .page(form(TaskForm(task), editing: task, visit))
    }

    func save(_ id: TaskID, _ visit: Visit) async throws -> Reply {
        let before = try await services.scheduler.task(id)
        let form = TaskForm(visit.form)
        do {
            let patch = try form.patch(of: before, now: services.scheduler.now())
            if patch != TaskPatch() {
                let after = try await services.scheduler.edit(id, patch)
                await services.note(.taskEdit, on: id.description, visit, before.auditState, after.auditState)
            }
            return .redirect("\(AdminRoute.root)/tasks/\(id)", .taskEdited)
        } catch let error as ValidationError {
            return .page(self.form(form, editing: before, visit, error.problems))
        }
    }

    private func form(
        _ form: TaskForm, editing task: TaskRecord?, _ visit: Visit, _ problems: [FieldProblem] = []
    ) -> Page {
        let texts = visit.texts
        var page = Page(
            "task_form", texts(task == nil ? "new_task" : "edit_task"), .tasks,
            status: problems.isEmpty ? .ok : .unprocessableContent)
        page.content["form"] = form
        page.content["editing"] = task?.id.description
        page.content["isNew"] = task == nil
        page.content["hasBinaryBody"] = task.map { TaskForm.text(of: $0.task.request.body) == nil } ?? false
        page.content["problems"] = problems.map(ShownProblem.init)
        page.content["methods"] = CallbackRequest.methods.map { FormChoice($0, $0, isChosen: $0 == form.method) }
        page.content["rules"] = SuccessRule.NamedRule.allCases.map {
            FormChoice($0.rawValue, texts("rule_\($0.rawValue)"), isChosen: $0.rawValue == form.successRule)
        }
        page.content["lostChoices"] = OnLost.allCases.map {
            FormChoice($0.rawValue, texts("on_lost_\($0.rawValue)"), isChosen: $0.rawValue == form.onLost)
        }
        return page
    }
}
