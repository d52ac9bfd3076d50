import HTTPTypes
import Hummingbird
import Scheduler

/// The version of a task as an entity tag (RFC 9110, section 8.8.3): `"3"`.
enum ETag {
    static func text(_ task: TaskRecord) -> String { "\"\(task.version)\"" }
}

extension Request {
    /// The versions that `If-Match` names. nil: there is no such header, or it asks only that there is a task.
    /// - Throws: when it is no list of entity tags.
    func expectedVersions() throws(Problem) -> Set<Int>? {
        let values = headers[values: .ifMatch]
        if values.isEmpty { return nil }
        let tags = values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: true) }
            .map { $0.drop { $0 == " " || $0 == "\t" } }.map {
                String($0.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
            }
        if tags == ["*"] { return nil }
        guard !tags.isEmpty, tags.count <= 20, tags.allSatisfy(Self.isTag) else {
            throw Problem(.malformed, field: "If-Match", "must be * or a list of up to 20 entity tags such as \"3\"")
        }
        // One that is weak, or was never given, is that of no version.
        return Set(tags.compactMap { Int($0.dropFirst().dropLast()) })
    }

    private static func isTag(_ text: String) -> Bool {
        let tag = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
        return tag.utf8.count >= 2 && tag.first == "\"" && tag.last == "\""
            && tag.dropFirst().dropLast().utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != 0x7F }
    }
}
