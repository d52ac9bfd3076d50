package import Transfer

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an answer is worth by the task's success rule.
package struct Judgement: Sendable, Equatable {
    package var succeeded: Bool
    /// `success`, or the kind of failure: one of `TransferFailure.Kind`, `status`, `rule`.
    package var outcomeClass: String
    /// For a person; nil on success.
    package var message: String?

    static let success = Judgement(succeeded: true, outcomeClass: "success")

    package init(succeeded: Bool, outcomeClass: String, message: String? = nil) {
        self.succeeded = succeeded
        self.outcomeClass = outcomeClass
        self.message = message
    }

    package init(_ result: TransferResult, by rule: SuccessRule) {
        if let failure = result.failure {
            self.init(succeeded: false, outcomeClass: failure.kind.rawValue, message: failure.message)
            return
        }
        switch rule {
        case .status2xx:
            self =
                (200...299).contains(result.status)
                ? .success
                : Judgement(
                    succeeded: false, outcomeClass: "status", message: "status \(result.status), 200 to 299 is success")
        case .legacyJSONSuccess:
            if result.status != 200 {
                self.init(succeeded: false, outcomeClass: "status", message: "status \(result.status), 200 is success")
            } else if Self.saysSuccess(result.body) {
                self = .success
            } else {
                self.init(
                    succeeded: false, outcomeClass: "rule",
                    message: "the answer is not a JSON object with \"success\": true")
            }
        }
    }

    /// As Go's `encoding/json` reads it into `struct { Success bool `json:"success"` }`: the key in any case.
    private static func saysSuccess(_ body: [UInt8]) -> Bool {
        // What is not such an object is not a success; why does not matter.
        (try? JSONDecoder().decode(LegacyAnswer.self, from: Data(body)))?.success ?? false
    }

    private struct LegacyAnswer: Decodable {
        var success: Bool

        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            let key = container.allKeys.first { $0.stringValue.lowercased() == "success" }
            success = try key.map { try container.decode(Bool.self, forKey: $0) } ?? false
        }
    }
}
