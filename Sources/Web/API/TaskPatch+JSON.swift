import MySQL
import Scheduler

extension TaskPatch {
    private static let fields = ["plan_time", "request", "expires_at", "on_success", "on_failure"]

    /// Reads the document of `PATCH /v1/tasks/{id}`: the fields given are replaced, `null` removes the body, the
    /// expiry and what follows.
    init(_ document: JSONValue) throws(Problem) {
        self.init()
        var faults = FieldFaults()
        if let reader = FieldReader(document, at: "", accepts: Self.fields, &faults) {
            planTime = reader.time("plan_time", &faults)
            if let value = reader.value("request"), let fields = RequestFields(value, &faults) {
                method = fields.method
                url = fields.url
                headers = fields.headers
                body = fields.body
                maxRedirects = fields.maxRedirects
                if case .object(let members) = value, members.isEmpty {
                    faults.malformed.append(FieldProblem("request", "must hold at least one of its fields"))
                }
            }
            expiresAt = reader.nullableTime("expires_at", &faults)
            followUps = FollowUpDraft.read(reader, &faults)
            if faults.problem == nil, self == TaskPatch() {
                faults.malformed.append(
                    FieldProblem("body", "must hold at least one of \(Self.fields.joined(separator: ", "))"))
            }
        }
        if let problem = faults.problem { throw problem }
    }
}
