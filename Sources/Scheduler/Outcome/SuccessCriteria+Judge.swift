import Patterns
import Transfer

extension SuccessCriteria {
    /// The first condition that does not hold.
    func fault(in answer: TransferResult) -> Judgement.Fault? {
        if let fault = rule?.fault(in: answer) { return fault }
        if !statuses.isEmpty, !statuses.contains(status: answer.status) {
            return .status(answer.status, statuses.text)
        }
        if let message = jsonFault(in: answer) { return Judgement.Fault("rule", message) }
        if let bodyContains, !answer.body.contains(bytesOf: bodyContains) {
            return Judgement.Fault("rule", "\(answer.scope) does not contain \(Self.shown(bodyContains))")
        }
        if let message = patternFault(in: answer) { return Judgement.Fault("rule", message) }
        return nil
    }

    private func patternFault(in answer: TransferResult) -> String? {
        guard let pattern = bodyMatches else { return nil }
        guard answer.body.count <= pattern.reach else {
            return "the answer has more than the \(pattern.reach) bytes in which \(Self.shown(pattern.text)) may be "
                + "searched for"
        }
        return pattern.finds(in: answer.body) ? nil : "\(answer.scope) does not match \(Self.shown(pattern.text))"
    }

    private func jsonFault(in answer: TransferResult) -> String? {
        if json.isEmpty { return nil }
        guard JSONScanner.isDocument(answer.body) else {
            return answer.bodyTruncated
                ? "the answer has more than the \(answer.body.count) bytes that are read (dispatch.response_limit_bytes): "
                    + "it cannot be judged as JSON"
                : "the answer is not JSON"
        }
        for condition in json {
            guard let value = condition.path.value(in: answer.body) else {
                return "the answer has no \(condition.path.text)"
            }
            if condition.equals.equals(value) { continue }
            let (found, wanted) = (String(decoding: value.prefix(200), as: UTF8.self), condition.equals.text)
            return "\(condition.path.text) is \(Self.cut(found)), \(Self.cut(wanted)) is success"
        }
        return nil
    }

    private static func shown(_ text: String) -> String { "\"\(cut(text))\"" }

    /// The message has room for both sides.
    private static func cut(_ text: String) -> String {
        text.count > 100 ? "\(text.prefix(100))…" : text
    }
}

extension JSONScalar {
    fileprivate var text: String {
        var writer = JSONWriter()
        writer.value(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension TransferResult {
    /// What a search can speak of.
    var scope: String {
        bodyTruncated ? "the answer, of which \(body.count) bytes were read," : "the answer"
    }
}
