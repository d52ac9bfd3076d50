import Digests
package import MySQL
import Transfer

/// Signs calls by Standard Webhooks (https://www.standardwebhooks.com), with each secret that is valid.
package struct WebhookSigner: Sendable {
    private let secrets: [WebhookSecret]

    /// - Returns: nil without secrets.
    package init?(_ secrets: [WebhookSecret]) {
        if secrets.isEmpty { return nil }
        self.secrets = secrets
    }

    /// A signer with further secrets. - Returns: nil when there are none at all.
    package init?(_ signer: WebhookSigner?, and secrets: [WebhookSecret]) {
        self.init((signer?.secrets ?? []) + secrets)
    }

    /// Signatures that a call gets.
    package var count: Int { secrets.count }

    /// The headers of one attempt. A call without a body is signed over its method and URL as well: without that, what it
    /// asks for is not signed at all.
    /// - Parameters:
    ///   - time: the attempt's start.
    ///   - body: as it is sent; empty when there is none.
    package func headers(id: TaskID, time: Timestamp, method: String, url: String, body: [UInt8]) -> [HeaderField] {
        let (id, seconds) = (id.description, "\(time.wholeSeconds)")
        var headers = [
            HeaderField(name: Self.idName, value: id), HeaderField(name: Self.timeName, value: seconds),
            HeaderField(name: Self.signatureName, value: signatures("\(id).\(seconds).", body)),
        ]
        if body.isEmpty {
            // A header holds no line break, so this is never taken for the signature of a body under some other id.
            let content = "\(id)\n\(seconds)\n\(method) \(CallbackURL(url)?.seen ?? url)"
            headers.append(HeaderField(name: Self.requestSignatureName, value: signatures(content, [])))
        }
        return headers
    }

    private func signatures(_ text: String, _ body: [UInt8]) -> String {
        let content = Array(text.utf8) + body
        return secrets.map { "v1," + Base64.encode(Digest.hmacSHA256(key: $0.key, content)) }.joined(separator: " ")
    }

    /// Whether a header is one of ours, in lower case.
    package static func owns(headerName: String) -> Bool {
        [idName, timeName, signatureName, requestSignatureName].contains(headerName)
    }

    private static let idName = "webhook-id"
    private static let timeName = "webhook-timestamp"
    private static let signatureName = "webhook-signature"
    private static let requestSignatureName = "webhook-request-signature"
}

extension Timestamp {
    fileprivate var wholeSeconds: Int64 { microseconds / 1_000_000 }
}
