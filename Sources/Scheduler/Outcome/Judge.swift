package import Transfer

/// What an answer is worth by the task's success rule.
package struct Judgement: Sendable, Equatable {
    package var succeeded: Bool
    /// `success`, or the kind of failure: one of `TransferFailure.Kind`, `status`, `rule`.
    package var outcomeClass: String
    /// For a person; nil on success.
    package var message: String?
    /// Whether the rule says that trying again is of no use.
    package var isFinal = false

    static let success = Judgement(succeeded: true, outcomeClass: "success")

    package init(succeeded: Bool, outcomeClass: String, message: String? = nil) {
        self.succeeded = succeeded
        self.outcomeClass = outcomeClass
        self.message = message
    }

    package init(_ result: TransferResult, by rule: SuccessRule) {
        let fault = result.failure.map { Fault($0.kind.rawValue, $0.message) } ?? rule.fault(in: result)
        guard let fault else {
            self = .success
            return
        }
        self.init(succeeded: false, outcomeClass: fault.outcomeClass, message: fault.message)
        if case .custom(let criteria) = rule, criteria.permanentFailure.contains(status: result.status) {
            isFinal = true
            message = "\(fault.message); success.permanent_failure has status \(result.status)"
        }
    }

    /// Why an answer is no success.
    struct Fault {
        var outcomeClass: String
        var message: String

        init(_ outcomeClass: String, _ message: String) {
            self.outcomeClass = outcomeClass
            self.message = message
        }

        static func status(_ status: Int, _ accepted: String) -> Fault {
            Fault("status", "status \(status), \(accepted) is success")
        }
    }
}

extension SuccessRule {
    fileprivate func fault(in answer: TransferResult) -> Judgement.Fault? {
        switch self {
        case .named(let rule): rule.fault(in: answer)
        case .custom(let criteria): criteria.fault(in: answer)
        }
    }
}

extension SuccessRule.NamedRule {
    func fault(in answer: TransferResult) -> Judgement.Fault? {
        switch self {
        case .status2xx:
            return (200...299).contains(answer.status) ? nil : .status(answer.status, "200 to 299")
        case .legacyJSONSuccess:
            if answer.status != 200 { return .status(answer.status, "200") }
            if LegacyAnswer.saysSuccess(answer.body) { return nil }
            return Judgement.Fault("rule", "the answer is not a JSON object with \"success\": true")
        case .legacyContainsSuccess:
            if answer.body.contains(inAnyCase: "success") { return nil }
            return Judgement.Fault("rule", "\(answer.scope) does not contain \"success\"")
        }
    }
}
