import MySQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A filter in the form of `bulk_operations.filter`: a JSON object of strings, times by RFC 3339.
extension DeadLetterFilter {
    private struct Stored: Codable {
        var queue: String?
        var host: String?
        var reason: String?
        var from: String?
        var to: String?
    }

    var storedText: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let stored = Stored(queue: queue, host: host, reason: reason, from: from?.rfc3339, to: to?.rfc3339)
        guard let data = try? encoder.encode(stored) else { preconditionFailure("strings always encode") }
        return String(decoding: data, as: UTF8.self)
    }

    /// - Returns: nil when it is none.
    init?(storedText text: String) {
        // What is wrong with it, the caller says.
        guard let stored = try? JSONDecoder().decode(Stored.self, from: Data(text.utf8)) else { return nil }
        self.init()
        queue = stored.queue
        host = stored.host
        reason = stored.reason
        from = stored.from.flatMap { Timestamp(rfc3339: $0) }
        to = stored.to.flatMap { Timestamp(rfc3339: $0) }
        guard (from == nil) == (stored.from == nil), (to == nil) == (stored.to == nil) else { return nil }
    }
}
