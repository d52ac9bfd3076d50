import Accounts
import HTTPTypes
import MySQL
import Scheduler

/// Destinations: what they let through, how they did lately, and calls that try them.
struct DestinationPages: Sendable {
    let services: AdminServices

    private static let pageSize = 100
    private static let path = AdminRoute.root + "/destinations"

    func list(_ visit: Visit) async throws -> Reply {
        .page(try await list(visit, [], url: ""))
    }

    private func list(_ visit: Visit, _ problems: [FieldProblem], url: String) async throws -> Page {
        var page = Page(
            "destinations", visit.texts("destinations"), .destinations,
            status: problems.isEmpty ? .ok : .unprocessableContent)
        let cursor = visit.query["before"].flatMap { Int($0) } ?? 0
        let found = try await ListPage(limit: Self.pageSize) {
            try await services.scheduler.destinations(after: cursor, limit: $0)
        }
        page.content["rows"] = found.entries.map { DestinationRow($0, visit.texts) }
        page.content["isEmpty"] = found.entries.isEmpty && cursor == 0
        let link = PageLink("destinations", [])
        if cursor > 0 { page.content["first"] = link.path() }
        if let last = found.last { page.content["next"] = link.path(before: "\(last.id)") }
        page.content["problems"] = problems.map(ShownProblem.init)
        page.content["newURL"] = url
        return page
    }

    /// Makes one without settings, and leads to it.
    func add(_ visit: Visit) async throws -> Reply {
        let url = (visit.form["url"] ?? "").filter { $0 != " " }
        do {
            // A number names one that is there.
            guard Int(url) == nil else { throw ValidationError("url", "must be a URL") }
            let destination: DestinationRecord
            do {
                destination = try await services.scheduler.destination(url)
            } catch SchedulerError.unknownDestination {
                destination = try await services.scheduler.setDestination(url, .init()).destination
                await services.note(.destinationEdit, on: destination.url, visit, nil, destination.settings.auditState)
            }
            return .redirect("\(Self.path)/\(destination.id)")
        } catch let error as ValidationError {
            return .page(try await list(visit, error.problems, url: url))
        }
    }

    func show(_ id: Int, _ visit: Visit) async throws -> Reply {
        let destination = try await services.scheduler.destination("\(id)")
        return .page(try await page(destination, DestinationForm(destination.settings), [], visit))
    }

    private func page(
        _ destination: DestinationRecord, _ form: DestinationForm, _ problems: [FieldProblem], _ visit: Visit,
        tested: (call: TestCall, result: TestCallResult?)? = nil, isLive: Bool = true
    ) async throws -> Page {
        let row = DestinationRow(destination, visit.texts)
        var page = Page(
            "destination", "\(visit.texts("destination")) \(row.url)", .destinations,
            status: problems.isEmpty ? .ok : .unprocessableContent)
        page.content["row"] = row
        page.content["form"] = form
        page.content["problems"] = problems.map(ShownProblem.init)
        // What came of a call is shown where nothing can be asked for again.
        page.content["isLive"] = isLive && tested == nil && problems.isEmpty
        page.content["result"] = tested?.result.map { TestedCall($0, visit.texts) }
        page.content["path"] = tested?.call.path ?? ""
        page.content["methods"] = CallbackRequest.methods.map {
            FormChoice($0, $0, isChosen: $0 == tested?.call.method ?? "GET")
        }
        return page
    }

    func save(_ id: Int, _ visit: Visit) async throws -> Reply {
        let before = try await services.scheduler.destination("\(id)")
        let form = DestinationForm(visit.form)
        do {
            let after = try await services.scheduler.setDestination("\(id)", try form.settings()).destination
            await services.note(
                .destinationEdit, on: after.url, visit, before.settings.auditState, after.settings.auditState)
            return .redirect("\(Self.path)/\(id)", .destinationChanged)
        } catch let error as ValidationError {
            return .page(try await page(before, form, error.problems, visit))
        }
    }

    func change(_ id: Int, _ change: AdminRoute.DestinationChange, _ visit: Visit) async throws -> Reply {
        switch change {
        case .pause:
            let reason = visit.signedIn.map { "by \($0.user.profile.name)" } ?? ""
            let destination = try await services.scheduler.pauseDestination("\(id)", reason: reason)
            await services.note(.destinationPause, on: destination.url, visit)
            return .redirect("\(Self.path)/\(id)", .destinationPaused)
        case .resume:
            let destination = try await services.scheduler.resumeDestination("\(id)")
            await services.note(.destinationResume, on: destination.url, visit)
            return .redirect("\(Self.path)/\(id)", .destinationResumed)
        case .test: return try await test(id, visit)
        case .secret: return try await addSecret(id, visit)
        case .drop:
            let destination = try await services.scheduler.dropDestinationSecrets(
                "\(id)", all: visit.form["all"] == "1")
            await services.note(.destinationDropSecret, on: destination.url, visit)
            return .redirect("\(Self.path)/\(id)", .destinationSecretDropped)
        case .delete:
            let before = try await services.scheduler.destination("\(id)")
            try await services.scheduler.deleteDestination("\(id)")
            await services.note(.destinationDelete, on: before.url, visit, before.settings.auditState, nil)
            return .redirect(Self.path, .destinationDeleted)
        }
    }

    /// Makes a secret, and shows it this once.
    private func addSecret(_ id: Int, _ visit: Visit) async throws -> Reply {
        do {
            let (destination, secret) = try await services.scheduler.addDestinationSecret("\(id)", nil)
            await services.note(.destinationAddSecret, on: destination.url, visit)
            var page = try await page(destination, DestinationForm(destination.settings), [], visit, isLive: false)
            page.content["newSecret"] = secret
            return .page(page)
        } catch let error as ValidationError {
            let destination = try await services.scheduler.destination("\(id)")
            return .page(try await page(destination, DestinationForm(destination.settings), error.problems, visit))
        }
    }

    /// Makes a call and shows what came of it.
    private func test(_ id: Int, _ visit: Visit) async throws -> Reply {
        let destination = try await services.scheduler.destination("\(id)")
        let form = DestinationForm(destination.settings)
        var call = TestCall()
        call.method = visit.form["method"] ?? "GET"
        if let path = visit.form["path"], !path.isEmpty { call.path = path }
        do {
            let result = try await services.scheduler.testDestination("\(id)", call)
            await services.note(
                .destinationTest, on: destination.url, visit, nil,
                AuditState([
                    "method": result.method, "url": SecretMask.masked(url: result.url), "class": result.outcomeClass,
                ]))
            return .page(try await page(destination, form, [], visit, tested: (call, result)))
        } catch let error as ValidationError {
            return .page(try await page(destination, form, error.problems, visit, tested: (call, nil)))
        }
    }
}
