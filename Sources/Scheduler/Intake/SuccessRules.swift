import Patterns

/// What a success rule must be like. Field names are those of `/v1`.
enum SuccessRules {
    private static let mostStatuses = 50
    private static let mostJSON = 10
    private static let longestText = 1000
    /// `tasks.success_criteria` holds 65,535.
    private static let longest = 16_384

    /// - Returns: nil when something is wrong with it.
    static func check(
        _ name: String?, _ conditions: SuccessConditions, _ problems: inout [FieldProblem]
    ) -> SuccessRule? {
        let before = problems.count
        var criteria = SuccessCriteria()
        if let name {
            criteria.rule = SuccessRule.NamedRule(rawValue: name)
            if criteria.rule == nil {
                let names = SuccessRule.NamedRule.allCases.map(\.rawValue).joined(separator: ", ")
                problems.append(FieldProblem("success.rule", "must be one of \(names)"))
            }
        }
        criteria.statuses = statuses(conditions.statuses, "success.statuses", &problems)
        criteria.permanentFailure = statuses(conditions.permanentFailure, "success.permanent_failure", &problems)
        criteria.json = json(conditions.json, &problems)
        if let text = conditions.bodyContains {
            criteria.bodyContains = text
            if !(1...longestText).contains(text.utf8.count) {
                problems.append(
                    FieldProblem(
                        "success.body_contains", "has \(text.utf8.count) bytes; 1 to \(longestText) are accepted"))
            }
        }
        if let text = conditions.bodyMatches {
            do {
                criteria.bodyMatches = try Pattern.compiled(text)
            } catch {
                problems.append(
                    FieldProblem("success.body_matches", "is not a regular expression of RE2: \(error.description)"))
            }
        }
        guard problems.count == before else { return nil }
        if conditions == SuccessConditions() { return .named(criteria.rule ?? .status2xx) }
        // Nothing is said about what succeeds.
        var onlyFailure = SuccessConditions()
        onlyFailure.permanentFailure = conditions.permanentFailure
        if conditions == onlyFailure { criteria.rule = criteria.rule ?? .status2xx }
        let size = criteria.text.utf8.count
        if size > longest {
            problems.append(FieldProblem("success", "has \(size) bytes as JSON; at most \(longest) are accepted"))
            return nil
        }
        return .custom(criteria)
    }

    private static func statuses(
        _ texts: [String]?, _ field: String, _ problems: inout [FieldProblem]
    ) -> [StatusRange] {
        guard let texts else { return [] }
        guard (1...mostStatuses).contains(texts.count) else {
            problems.append(FieldProblem(field, "has \(texts.count) entries; 1 to \(mostStatuses) are accepted"))
            return []
        }
        return texts.enumerated().compactMap { index, text in
            let range = StatusRange(text)
            if range == nil {
                problems.append(
                    FieldProblem("\(field)[\(index)]", "must be like 404, \"2xx\" or \"300-304\", from 100 to 599"))
            }
            return range
        }
    }

    private static func json(
        _ equalities: [SuccessConditions.JSONEquality]?, _ problems: inout [FieldProblem]
    ) -> [SuccessCriteria.JSONCondition] {
        guard let equalities else { return [] }
        guard (1...mostJSON).contains(equalities.count) else {
            problems.append(
                FieldProblem("success.json", "has \(equalities.count) entries; 1 to \(mostJSON) are accepted"))
            return []
        }
        var conditions: [SuccessCriteria.JSONCondition] = []
        for (index, equality) in equalities.enumerated() {
            let field = "success.json[\(index)]"
            if let size = equality.equals.size, size > longestText {
                problems.append(
                    FieldProblem("\(field).equals", "has \(size) bytes; at most \(longestText) are accepted"))
            }
            do {
                let path = try JSONPath(equality.path)
                conditions.append(SuccessCriteria.JSONCondition(path: path, equals: equality.equals))
            } catch {
                problems.append(FieldProblem("\(field).path", error.reason))
            }
        }
        return conditions
    }
}

extension JSONScalar {
    /// Bytes of a text or a number.
    fileprivate var size: Int? {
        switch self {
        case .null, .bool: nil
        case .number(let text), .string(let text): text.utf8.count
        }
    }
}
