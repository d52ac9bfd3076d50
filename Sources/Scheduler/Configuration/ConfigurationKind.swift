import Transfer

/// The type of a key: what is accepted as its value, and how the value is read.
package enum ConfigurationKind: Sendable, Hashable {
    /// A whole number. With `zero`, 0 is accepted beside the range, and means that.
    case integer(ClosedRange<Int>, zero: String? = nil)
    /// A text. The empty text is accepted only where it is the default.
    case text(ConfigurationTextRule)
    /// One of a few words.
    case choice([String])
    /// A list of one or more of a few words, none twice.
    case choices([String])
    /// A list of address ranges in CIDR notation, possibly empty.
    case addressRanges
    /// A list of `n_seconds`, one for each retry, in any order, possibly empty.
    case retryTable
    /// A list of seconds, one for each retry in order, possibly empty.
    case delays
    /// A list of signing keys of Standard Webhooks, none twice, possibly empty.
    case webhookSecrets
    /// A list of mappings, each checked against a table of its own, possibly empty.
    case entries(ConfigurationEntryTable)

    /// Whether the value is a list.
    package var isList: Bool {
        switch self {
        case .integer, .text, .choice: false
        case .choices, .addressRanges, .retryTable, .delays, .webhookSecrets, .entries: true
        }
    }

    /// What is accepted, in words, without the unit.
    package var accepted: String {
        switch self {
        case .integer(let range, let zero):
            "a whole number from \(range.lowerBound) to \(range.upperBound)" + (zero.map { ", or 0: \($0)" } ?? "")
        case .text(let rule): rule.accepted
        case .choice(let words): words.joined(separator: ", ")
        case .choices(let words): "a list of " + words.joined(separator: ", ")
        case .addressRanges: "a list of address ranges, such as [10.0.0.0/8, \"fd00::/8\"]"
        case .retryTable: "a list of n_seconds, such as [1_5, 2_15, 3_30]"
        case .delays: "a list of up to \(RetryTable.lastRetry) numbers from 0 to \(RetryTable.longestDelay)"
        case .webhookSecrets: WebhookSecrets.accepted
        case .entries(let table): table.accepted
        }
    }

    /// Reads a single value.
    ///
    /// - Parameter standard: The default, which is accepted as it is; `nil`: there is none.
    package func value(of text: String, default standard: ConfigurationValue?) throws(ConfigurationRefusal)
        -> ConfigurationValue
    {
        switch self {
        case .integer(let range, let zero):
            return .integer(try Self.integer(text, in: range, zero: zero))
        case .text(let rule):
            if let standard, .text(text) == standard { return standard }
            if text.isEmpty { throw ConfigurationRefusal(nil, "must not be empty") }
            if let fault = rule.fault(in: text) { throw ConfigurationRefusal(text, fault) }
            return .text(text)
        case .choice(let words):
            guard words.contains(text) else {
                throw ConfigurationRefusal(text, "is not known" + Spelling.suggestion(for: text, among: words))
            }
            return .text(text)
        case .choices, .addressRanges, .retryTable, .delays, .webhookSecrets, .entries:
            throw ConfigurationRefusal(text, "is a single value, not a list")
        }
    }

    /// Reads a list.
    package func value(of elements: [String]) throws(ConfigurationRefusal) -> ConfigurationValue {
        switch self {
        case .integer, .text, .choice:
            throw ConfigurationRefusal(nil, "is a list, not a single value")
        case .choices(let words):
            if elements.isEmpty { throw ConfigurationRefusal(nil, "is an empty list") }
            for (index, element) in elements.enumerated() {
                if !words.contains(element) {
                    let fault = "is not known" + Spelling.suggestion(for: element, among: words)
                    throw ConfigurationRefusal(element, fault, element: index)
                }
                if elements[..<index].contains(element) {
                    throw ConfigurationRefusal(element, "is listed twice", element: index)
                }
            }
        case .addressRanges:
            for (index, element) in elements.enumerated() where AddressRange(element) == nil {
                throw ConfigurationRefusal(element, "is not an address range", element: index)
            }
        case .retryTable:
            _ = try RetryTable(elements)
        case .delays:
            for (index, element) in elements.enumerated() {
                guard index < RetryTable.lastRetry else {
                    throw ConfigurationRefusal(nil, "has more than \(RetryTable.lastRetry) elements")
                }
                do throws(ConfigurationRefusal) {
                    _ = try Self.integer(element, in: 0...RetryTable.longestDelay, zero: nil)
                } catch {
                    throw ConfigurationRefusal(error.subject, error.fault, element: index)
                }
            }
        case .webhookSecrets:
            try WebhookSecrets.check(elements)
        case .entries:
            throw ConfigurationRefusal(nil, "is a list of values, not of entries")
        }
        return .list(elements)
    }

    private static func integer(_ text: String, in range: ClosedRange<Int>, zero: String?)
        throws(ConfigurationRefusal) -> Int
    {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw ConfigurationRefusal(text, "is not a whole number")
        }
        guard digits == "0" || !digits.hasPrefix("0") else {
            throw ConfigurationRefusal(text, "begins with a zero, which some programs read as octal")
        }
        guard let number = Int(text) else { throw ConfigurationRefusal(text, "is out of range") }
        if number == 0, zero != nil { return 0 }
        if number < range.lowerBound { throw ConfigurationRefusal(text, "is below \(range.lowerBound)") }
        if number > range.upperBound { throw ConfigurationRefusal(text, "is above \(range.upperBound)") }
        return number
    }
}
