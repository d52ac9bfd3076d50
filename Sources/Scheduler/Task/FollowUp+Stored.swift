import MySQL

/// The form of the API and of the columns of `tasks`: a JSON object with these members in this order.
extension FollowUp {
    private static let members = ["queue", "request", "success", "retry", "timeout_ms", "labels", "delay_s"]

    package var text: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("queue", queue)
            writer.object("request") { writer in
                writer.member("method", request.method)
                writer.member("url", request.url)
                writer.object("headers") { writer in
                    for header in request.headers { writer.member(header.name, header.value) }
                }
                writer.member("max_redirects", request.maxRedirects)
            }
            writer.member("success", json: successRule.text)
            writer.object("retry") { writer in
                writer.member("max_retries", retrySchedule.maxRetries)
                writer.array("delays") { writer in
                    for delay in retrySchedule.delays { writer.literal(RetrySchedule.secondsText(delay)) }
                }
            }
            writer.member("timeout_ms", Int(timeout.microseconds / 1000))
            writer.object("labels") { writer in
                for (name, value) in labels.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
            }
            writer.member("delay_s", number: RetrySchedule.secondsText(delay))
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// - Returns: nil when it says what this version does not know: to leave it out would be wrong.
    package init?(storedText text: String) {
        // Why it cannot be read is of no use to anybody: it was written by `text`.
        guard let value = try? JSONParser.parse(Array(text.utf8)), value.members.map(\.name) == Self.members,
            let queue = value["queue"]?.text, let request = value["request"].flatMap(CallbackRequest.init(stored:)),
            let rule = value["success"].flatMap(SuccessRule.init(stored:)),
            let maxRetries = value["retry"]?["max_retries"]?.integer,
            let pauses = value["retry"]?["delays"]?.elements, let timeout = value["timeout_ms"]?.integer,
            let labels = value["labels"]?.members, let delay = value["delay_s"].flatMap(Self.seconds)
        else { return nil }
        let delays = pauses.compactMap(Self.seconds)
        let texts = labels.compactMap { label in label.value.text.map { (label.name, $0) } }
        guard delays.count == pauses.count, texts.count == labels.count else { return nil }
        self.init(
            queue: queue, request: request, successRule: rule,
            retrySchedule: RetrySchedule(maxRetries: maxRetries, delays: delays), timeout: .milliseconds(timeout),
            labels: Dictionary(texts) { first, _ in first }, delay: delay)
    }

    private static func seconds(_ value: JSONValue) -> Duration? {
        guard case .number(let text) = value, let seconds = Double(text) else { return nil }
        return .milliseconds(Int64((seconds * 1000).rounded()))
    }

    /// About what it takes in a row.
    package var bytes: Int {
        300 + request.url.utf8.count + request.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 6 }
            + labels.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 6 }
            + (successRule.storedCriteria?.utf8.count ?? 0)
    }
}

extension CallbackRequest {
    fileprivate init?(stored value: JSONValue) {
        guard value.members.map(\.name) == ["method", "url", "headers", "max_redirects"],
            let method = value["method"]?.text, let url = value["url"]?.text,
            let fields = value["headers"]?.members, let maxRedirects = value["max_redirects"]?.integer
        else { return nil }
        let headers = fields.compactMap { field in field.value.text.map { HeaderField(name: field.name, value: $0) } }
        guard headers.count == fields.count else { return nil }
        self.init(method: method, url: url, headers: headers, maxRedirects: maxRedirects)
    }
}

extension SuccessRule {
    /// As a JSON object.
    package var text: String {
        switch self {
        case .named(let rule): "{\"rule\":\"\(rule.rawValue)\"}"
        case .custom(let criteria): criteria.text
        }
    }

    fileprivate init?(stored value: JSONValue) {
        if value.members.map(\.name) == ["rule"] {
            guard let rule = value["rule"]?.text.flatMap(NamedRule.init(rawValue:)) else { return nil }
            self = .named(rule)
        } else {
            var writer = JSONWriter()
            writer.value(value)
            guard let criteria = SuccessCriteria(storedText: String(decoding: writer.bytes, as: UTF8.self)) else {
                return nil
            }
            self = .custom(criteria)
        }
    }
}
