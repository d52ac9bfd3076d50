package import Patterns

/// Conditions for an answer to count as success, all of which must hold, and what ends the retries.
public struct SuccessCriteria: Sendable, Equatable {
    /// A rule that must hold as well.
    package var rule: SuccessRule.NamedRule?
    /// Empty: any status.
    package var statuses: [StatusRange] = []
    package var json: [JSONCondition] = []
    package var bodyContains: String?
    package var bodyMatches: Pattern?
    /// A failed answer with such a status is the last: there is no retry.
    package var permanentFailure: [StatusRange] = []

    package init() {}

    /// One value of an answer that is JSON.
    package struct JSONCondition: Sendable, Equatable {
        package var path: JSONPath
        package var equals: JSONScalar

        package init(path: JSONPath, equals: JSONScalar) {
            self.path = path
            self.equals = equals
        }
    }
}

/// The form of the API and of `tasks.success_criteria`: a JSON object with members in this order, those that say nothing
/// left out.
extension SuccessCriteria {
    package var text: String {
        var writer = JSONWriter()
        writer.object { writer in
            if let rule { writer.member("rule", rule.rawValue) }
            Self.write("statuses", statuses, &writer)
            if !json.isEmpty {
                writer.array("json") { writer in
                    for condition in json {
                        writer.object { writer in
                            writer.member("path", condition.path.text)
                            writer.member("equals", condition.equals.value)
                        }
                    }
                }
            }
            if let bodyContains { writer.member("body_contains", bodyContains) }
            if let bodyMatches { writer.member("body_matches", bodyMatches.text) }
            Self.write("permanent_failure", permanentFailure, &writer)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ name: String, _ statuses: [StatusRange], _ writer: inout JSONWriter) {
        if statuses.isEmpty { return }
        writer.array(name) { writer in
            for range in statuses {
                if range.statuses.count == 1 { writer.literal(range.text) } else { writer.string(range.text) }
            }
        }
    }

    /// - Returns: nil when it says what this version does not know: to judge without it would be wrong.
    package init?(storedText text: String) {
        // Why it cannot be read is of no use to anybody: it was written by `text`.
        guard case .object(let members)? = try? JSONParser.parse(Array(text.utf8)) else { return nil }
        self.init()
        for member in members {
            let isKnown: Bool
            switch member.name {
            case "rule":
                rule = member.value.text.flatMap { SuccessRule.NamedRule(rawValue: $0) }
                isKnown = rule != nil
            case "statuses": isKnown = Self.read(member.value, &statuses)
            case "json":
                json = member.value.elements.compactMap(JSONCondition.init)
                isKnown = json.count == member.value.elements.count
            case "body_contains":
                bodyContains = member.value.text
                isKnown = bodyContains != nil
            case "body_matches":
                // Checked when it was accepted.
                bodyMatches = member.value.text.flatMap { try? Pattern.compiled($0) }
                isKnown = bodyMatches != nil
            case "permanent_failure": isKnown = Self.read(member.value, &permanentFailure)
            default: isKnown = false
            }
            if !isKnown { return nil }
        }
    }

    private static func read(_ value: JSONValue, _ statuses: inout [StatusRange]) -> Bool {
        statuses = value.elements.compactMap { element in
            switch element {
            case .number(let text), .string(let text): StatusRange(text)
            default: nil
            }
        }
        return statuses.count == value.elements.count
    }
}

extension SuccessCriteria.JSONCondition {
    fileprivate init?(_ value: JSONValue) {
        guard value.members.count == 2, let text = value["path"]?.text, let path = try? JSONPath(text),
            let equals = value["equals"].flatMap({ JSONScalar($0) })
        else { return nil }
        self.init(path: path, equals: equals)
    }
}
