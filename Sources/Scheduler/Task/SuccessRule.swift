/// By what an answer counts as success.
public enum SuccessRule: Sendable, Equatable {
    case named(NamedRule)
    /// What the task itself asks for.
    indirect case custom(SuccessCriteria)

    public static let status2xx = SuccessRule.named(.status2xx)
    public static let legacyJSONSuccess = SuccessRule.named(.legacyJSONSuccess)
    public static let legacyContainsSuccess = SuccessRule.named(.legacyContainsSuccess)

    /// A rule that has a name.
    public enum NamedRule: String, Sendable, CaseIterable {
        /// Any status from 200 to 299. The default of `/v1`.
        case status2xx = "status_2xx"
        /// Status 200 and a JSON object with `"success": true`: the rule of delay_queue.
        case legacyJSONSuccess = "legacy_json_success"
        /// `success` anywhere in the answer, in any case and with any status: the rule of delayQS.
        case legacyContainsSuccess = "legacy_contains_success"
    }
}

/// The form in which a rule is kept: a name, and for `custom` the criteria as JSON.
extension SuccessRule {
    private static let custom = "custom"

    /// - Returns: nil when this version does not know it, or not all of it.
    package init?(storedName name: String, criteria: String?) {
        if let rule = NamedRule(rawValue: name), criteria == nil {
            self = .named(rule)
        } else if name == Self.custom, let criteria = criteria.flatMap(SuccessCriteria.init(storedText:)) {
            self = .custom(criteria)
        } else {
            return nil
        }
    }

    /// What `tasks.success_rule` holds.
    package var storedName: String {
        switch self {
        case .named(let rule): rule.rawValue
        case .custom: Self.custom
        }
    }

    /// What `tasks.success_criteria` holds.
    package var storedCriteria: String? {
        switch self {
        case .named: nil
        case .custom(let criteria): criteria.text
        }
    }
}
