import MySQL
import Scheduler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `hs_task.notify_param` says. The program meant to keep the parameter there, and kept the whole message that it
/// got: JSON, in its first version a form. The column cuts off what is beyond 255 characters.
struct OldParameter: Equatable {
    /// nil: it says none, or Go's zero time.
    var planTime: Timestamp?
    var parameter: String
    /// The end of the parameter is lost.
    var isCutOff = false

    private static let columnLength = 255

    private struct Message: Decodable {
        var planTime: String?
        var parameter: String?

        enum CodingKeys: String, CodingKey {
            case planTime = "plan_time"
            case parameter = "notify_param"
        }
    }

    init(_ text: String) {
        if text.hasPrefix("{\"notify_url\":") {
            if let message = try? JSONDecoder().decode(Message.self, from: Data(text.utf8)) {
                planTime = message.planTime.flatMap(Self.time)
                parameter = message.parameter ?? ""
            } else {
                // Not JSON because its end is missing.
                planTime = Self.field("\"plan_time\":\"", "\"", text).flatMap(Self.time)
                parameter = ""
                isCutOff = true
            }
        } else if text.hasPrefix("notify_url=") {
            let seconds = Self.field("&plan_time=", "&", text).flatMap { Int64($0) } ?? 0
            planTime = (1...253_402_300_799).contains(seconds) ? Timestamp(microseconds: seconds * 1_000_000) : nil
            parameter = Self.field("&notify_param=", "&", text) ?? ""
            isCutOff = text.unicodeScalars.count >= Self.columnLength
        } else {
            parameter = text
            isCutOff = text.unicodeScalars.count >= Self.columnLength
        }
    }

    private static func time(_ text: String) -> Timestamp? {
        Timestamp(rfc3339: text).flatMap { $0 > Timestamp(microseconds: 0) ? $0 : nil }
    }

    /// What stands between two marks; to the end when there is no second.
    private static func field(_ start: String, _ end: Character, _ text: String) -> String? {
        guard let range = text.firstRange(of: start) else { return nil }
        return String(text[range.upperBound...].prefix { $0 != end })
    }
}
