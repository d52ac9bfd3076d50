import MySQL
import Scheduler

extension TaskPatch {
    /// Reads the document of `PATCH /v1/tasks/{id}`: the fields given are replaced, `"body": null` removes the body.
    init(_ document: JSONValue) throws(Problem) {
        self.init()
        var faults = FieldFaults()
        if let reader = FieldReader(document, at: "", accepts: ["plan_time", "request"], &faults) {
            planTime = reader.time("plan_time", &faults)
            if let value = reader.value("request"), let fields = RequestFields(value, &faults) {
                method = fields.method
                url = fields.url
                headers = fields.headers
                body = fields.body
                maxRedirects = fields.maxRedirects
            }
            if faults.problem == nil, self == TaskPatch() {
                faults.malformed.append(
                    FieldProblem("body", "must hold at least one of plan_time and the fields of request"))
            }
        }
        if let problem = faults.problem { throw problem }
    }
}
