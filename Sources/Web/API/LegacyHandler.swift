import HTTPTypes
import Hummingbird
import NIOCore
import Scheduler

/// Answers `POST /api/task/save` as delay_queue does: always status 200, and a body of the same bytes.
struct LegacyHandler: Sendable {
    let maxBodyBytes: @Sendable () -> Int

    /// - Parameter admit: gives the scheduler for whoever sends the form, by the key in it.
    func save(_ request: Request, _ admit: (String?) async throws -> any TaskScheduling) async -> Response {
        do {
            let (form, key) = try await form(request)
            let task = try await admit(key).accept(form)
            var response = LegacyAnswer.ok.response
            response.headers[Self.taskID] = task.id.description
            return response
        } catch {
            var response = LegacyAnswer(refusal: error).response
            if (error as? Problem)?.closesConnection == true { response.headers[.connection] = "close" }
            return response
        }
    }

    // A constant of valid characters.
    private static let taskID = HTTPField.Name("X-Task-Id")!

    /// As gin's `PostForm`: fields of the body alone, the first of a name counts. A body of another content type has none.
    private func form(_ request: Request) async throws -> (LegacyForm, key: String?) {
        let content = try await request.content(limit: maxBodyBytes())
        let field = Self.fields(content, request.headers[.contentType].map(ContentType.init))
        var form = LegacyForm()
        form.notifyURL = field("notify_url") ?? ""
        form.planTime = field("plan_time") ?? ""
        form.methodName = field("method_name") ?? ""
        form.notifyParam = field("notify_param") ?? ""
        form.traceparent = request.traceparent
        return (form, field("key"))
    }

    private static func fields(_ content: [UInt8], _ type: ContentType?) -> (String) -> String? {
        switch (type?.name, type?.boundary) {
        case ("application/x-www-form-urlencoded", _):
            let fields = FormFields(content, splitsAtSemicolon: true)
            return { fields[$0] }
        case ("multipart/form-data", let boundary?):
            let fields = MultipartFields(content, boundary: boundary)
            return { fields?[$0] }
        default: return { _ in nil }
        }
    }
}
