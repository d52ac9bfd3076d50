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
        let seconds = try seconds(form.planTime)
        if form.notifyURL.isEmpty { throw LegacyRefusal(reason: "通知地址参数必须") }
        let planTime = try planTime(seconds, now)
        let request = request(url: form.notifyURL, method: form.methodName, parameter: form.notifyParam)
        if let problem = rules.urlProblem(request.url) { throw LegacyRefusal(reason: "参数错误：notify_url \(problem)") }
        return NewTask(
            queue: NewTask.defaultQueue, planTime: planTime, request: request, successRule: .legacyJSONSuccess,
            retrySchedule: rules.retrySchedule, timeout: rules.timeout,
            trace: form.traceparent.flatMap(TraceContext.init))
    }

    /// The call that the old program makes: a POST for "post" in any case, and a GET for everything else.
    package func request(url: String, method: String, parameter: String) -> CallbackRequest {
        let isPost = method.uppercased() == "POST"
        var url = url
        if !isPost, sendsParameterOnGet, !parameter.isEmpty {
            url += (url.contains("?") ? "&" : "?") + parameter
        }
        return CallbackRequest(
            method: isPost ? "POST" : "GET", url: url, headers: isPost ? [Self.formHeader] : [],
            body: Array(parameter.utf8), maxRedirects: Self.maxRedirects)
    }

    /// Both old programs leave redirects to Go's HTTP client, which follows them.
    static let maxRedirects = 10

    static let formHeader = HeaderField(name: "Content-Type", value: "application/x-www-form-urlencoded")

    /// What is not after now means "in `queue.time_interval` seconds".
    func planTime(_ asked: Timestamp, now: Timestamp) -> Timestamp {
        asked < now ? now + timeInterval : asked
    }

    private func seconds(_ text: String) throws(LegacyRefusal) -> Int64 {
        switch Self.parseInteger(text) {
        case .success(let value): return value
        case .failure(let problem):
            throw LegacyRefusal(reason: "参数错误：strconv.ParseInt: parsing \(Self.quote(text)): \(problem.rawValue)")
        }
    }

    /// From unix seconds.
    private func planTime(_ seconds: Int64, _ now: Timestamp) throws(LegacyRefusal) -> Timestamp {
        // Go counts from the year 1: the largest numbers become a time long past there.
        let isPast = seconds <= 0 || seconds > .max - 62_135_596_800
        guard isPast || seconds <= Timestamp.range.upperBound.microseconds / 1_000_000 else {
            throw LegacyRefusal(
                reason:
                    "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: year outside of range [0,9999]"
            )
        }
        return self.planTime(Timestamp(microseconds: isPast ? 0 : seconds * 1_000_000), now: now)
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

    /// Go's `strconv.Quote`, of the version with which the old program was built (1.14).
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
            case _ where scalar.value < 32: quoted += "\\x" + hexadecimal(scalar, 2)
            case _ where isPrintable(scalar): quoted.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x10000: quoted += "\\u" + hexadecimal(scalar, 4)
            default: quoted += "\\U" + hexadecimal(scalar, 8)
            }
        }
        return quoted + "\""
    }

    /// Go's `unicode.IsPrint`.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar, _ width: Int) -> String {
        let digits = String(scalar.value, radix: 16)
        return String(repeating: "0", count: width - digits.count) + digits
    }
}
