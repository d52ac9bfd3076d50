package import Transfer

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
            } else if LegacyAnswer.saysSuccess(result.body) {
                self = .success
            } else {
                self.init(
                    succeeded: false, outcomeClass: "rule",
                    message: "the answer is not a JSON object with \"success\": true")
            }
        case .legacyContainsSuccess:
            self =
                String(decoding: result.body, as: UTF8.self).lowercased().contains("success")
                ? .success
                : Judgement(
                    succeeded: false, outcomeClass: "rule", message: "the answer does not contain \"success\"")
        }
    }
}
