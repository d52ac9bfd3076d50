/// By what an answer counts as success.
public enum SuccessRule: String, Sendable, CaseIterable {
    /// Any status from 200 to 299. The default of `/v1`.
    case status2xx = "status_2xx"
    /// Status 200 and a JSON object with `"success": true`: the rule of delay_queue.
    case legacyJSONSuccess = "legacy_json_success"
    /// `success` anywhere in the answer, in any case and with any status: the rule of delayQS.
    case legacyContainsSuccess = "legacy_contains_success"
}
