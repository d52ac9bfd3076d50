import HTTPTypes

/// A page before it is drawn.
struct Page {
    /// The name of its template, which is a block in `layout`.
    var template: String
    var title: String
    var content: [String: Any]
    /// The entry of the navigation that it belongs to.
    var section: Section?
    var status: HTTPResponse.Status = .ok
    var cookies: [Cookie] = []
    /// Seconds.
    var retryAfter: Int?
    /// Methods that the path knows.
    var allow: [String] = []
    var closesConnection = false

    enum Section: String, CaseIterable {
        case overview, tasks, schedules, deadLetters, quarantine, queues, destinations, instances, users, keys, audit
    }

    init(
        _ template: String, _ title: String, _ section: Section? = nil, status: HTTPResponse.Status = .ok,
        _ content: [String: Any] = [:]
    ) {
        self.template = template
        self.title = title
        self.section = section
        self.status = status
        self.content = content
    }
}
