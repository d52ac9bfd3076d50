package import MySQL

/// Reads the old form exactly as delay_queue does, and makes the task that it means there.
package struct LegacyRules: Sendable {
    private let rules: TaskRules
    private let timeInterval: Duration
    private let sendsParameterOnGet: Bool

    package init(_ configuration: Configuration) {
        rules = TaskRules(configuration)
        timeInterval = configuration.queue.timeInterval
        sendsParameterOnGet = configuration.legacy.getParam == .query
    }

    package func check(_ form: LegacyForm, now: Timestamp) throws(LegacyRefusal) -> NewTask {
        let planTime = try planTime(form.planTime, now)
        if form.notifyURL.isEmpty { throw LegacyRefusal(reason: "通知地址参数必须") }
        let request = request(url: form.notifyURL, method: form.methodName, parameter: form.notifyParam)
        let requests = RequestRules(addressPolicy: rules.addressPolicy, bodyLimit: rules.bodyLimit)
        if let problem = requests.urlProblem(request.url) {
            throw LegacyRefusal(reason: "参数错误：notify_url \(problem)")
        }
        return NewTask(
            queue: TaskRules.defaultQueue, planTime: planTime, request: request, successRule: .legacyJSONSuccess,
            retrySchedule: rules.retrySchedule, timeout: rules.timeout)
    }

    /// The call that the old program makes: a POST for "post" in any case, and a GET for everything else.
    func request(url: String, method: String, parameter: String) -> CallbackRequest {
        let isPost = method.uppercased() == "POST"
        var url = url
        if !isPost, sendsParameterOnGet, !parameter.isEmpty {
            url += (url.contains("?") ? "&" : "?") + parameter
        }
        return CallbackRequest(
            method: isPost ? "POST" : "GET", url: url, headers: isPost ? [Self.formHeader] : [],
            body: Array(parameter.utf8))
    }

    static let formHeader = HeaderField(name: "Content-Type", value: "application/x-www-form-urlencoded")

    /// What is not after now means "in `queue.time_interval`".
    func planTime(_ asked: Timestamp, now: Timestamp) -> Timestamp {
        asked < now ? now + timeInterval : asked
    }

    /// From unix seconds.
    private func planTime(_ text: String, _ now: Timestamp) throws(LegacyRefusal) -> Timestamp {
        let seconds: Int64
        switch Self.parseInteger(text) {
        case .success(let value): seconds = value
        case .failure(let problem):
            throw LegacyRefusal(reason: "参数错误：strconv.ParseInt: parsing \(Self.quote(text)): \(problem.rawValue)")
        }
        guard seconds <= Timestamp.range.upperBound.microseconds / 1_000_000 else {
            throw LegacyRefusal(reason: "参数错误：plan_time is after the year 9999")
        }
        return self.planTime(Timestamp(microseconds: max(0, seconds) * 1_000_000), now: now)
    }

    private enum IntegerProblem: String, Error {
        case syntax = "invalid syntax"
        case range = "value out of range"
    }

    /// Go's `strconv.ParseInt(text, 10, 64)`.
    private static func parseInteger(_ text: String) -> Result<Int64, IntegerProblem> {
        let digits = text.first == "+" || text.first == "-" ? text.dropFirst() : Substring(text)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return .failure(.syntax) }
        return Int64(text).map(Result.success) ?? .failure(.range)
    }

    /// Go's `strconv.Quote`, for what a form field may hold.
    private static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{07}": quoted += "\\a"
            case "\u{08}": quoted += "\\b"
            case "\u{0C}": quoted += "\\f"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0B}": quoted += "\\v"
            case _ where scalar.value < 32 || scalar.value == 127:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\x" + (hex.count < 2 ? "0" : "") + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
