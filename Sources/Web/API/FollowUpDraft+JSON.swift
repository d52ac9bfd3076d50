import MySQL
import Scheduler

extension FollowUpDraft {
    private static let fields = ["request", "queue", "success", "retry", "timeout_ms", "labels", "delay_s"]

    /// Reads the objects `on_success` and `on_failure` of a document; nil for one that is `null`.
    static func read(_ reader: FieldReader, _ faults: inout FieldFaults) -> [FollowUp.Occasion: FollowUpDraft?] {
        var drafts: [FollowUp.Occasion: FollowUpDraft?] = [:]
        for occasion in FollowUp.Occasion.allCases {
            switch reader.value(occasion.rawValue) {
            case nil: continue
            case .null?: drafts[occasion] = .some(nil)
            case let value?: drafts[occasion] = FollowUpDraft(value, at: occasion.rawValue, &faults)
            }
        }
        return drafts
    }

    private init?(_ value: JSONValue, at path: String, _ faults: inout FieldFaults) {
        guard let reader = FieldReader(value, at: path, accepts: Self.fields, &faults) else { return nil }
        self.init()
        queue = reader.string("queue", &faults)
        timeoutMilliseconds = reader.integer("timeout_ms", &faults)
        for label in reader.strings("labels", &faults) ?? [] { labels[label.name] = label.text }
        delay = reader.duration("delay_s", &faults)
        if let value = reader.value("request"),
            let request = RequestFields(value, at: reader.path("request"), hasBody: false, &faults)
        {
            method = request.method
            url = request.url
            headers = request.headers ?? []
            maxRedirects = request.maxRedirects
        }
        if let value = reader.value("success"),
            let success = FieldReader(
                value, at: reader.path("success"), accepts: ["rule"] + SuccessConditions.fields, &faults)
        {
            successRule = success.string("rule", &faults)
            successConditions = SuccessConditions(success, &faults)
        }
        if let value = reader.value("retry"),
            let retry = FieldReader(value, at: reader.path("retry"), accepts: ["max_retries", "delays"], &faults)
        {
            maxRetries = retry.integer("max_retries", &faults)
            retryDelays = retry.seconds("delays", &faults)
        }
    }
}
