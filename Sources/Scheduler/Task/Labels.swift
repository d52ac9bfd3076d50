#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Labels in the form of `tasks.labels`: a JSON object of strings.
enum Labels {
    static func text(_ labels: [String: String]) -> String? {
        if labels.isEmpty { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings always encode.
        guard let data = try? encoder.encode(labels) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    static func decode(_ text: String?) -> [String: String] {
        guard let text else { return [:] }
        // Written by `text(_:)`; what somebody else put there is shown as no labels.
        return (try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))) ?? [:]
    }
}
