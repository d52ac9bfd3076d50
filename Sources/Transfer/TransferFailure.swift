/// Why a transfer has no complete answer.
package struct TransferFailure: Error, Sendable, Equatable {
    /// The raw names are stable: they are logged and stored.
    package enum Kind: String, Sendable, CaseIterable {
        /// The name of the host was not found.
        case resolve
        /// No connection: refused, unreachable, or out of descriptors.
        case connect
        /// The handshake or the receiver's certificate.
        case tls
        /// The time for the whole transfer ran out. The request may have been acted upon.
        case timeout
        /// The address policy forbids every address the host has. Nothing was sent.
        case addressDenied = "address_denied"
        /// The connection broke while the request was written.
        case send
        /// The connection broke, or what came was not HTTP. The request may have been acted upon.
        case receive
        /// Too many redirects, or one to something that is not HTTP.
        case redirect
        /// The method, URL or a header cannot be sent. Nothing was sent.
        case invalidRequest = "invalid_request"
        /// `mayFire` said no. Nothing was sent.
        case fenced
        /// Its turn came at its `fireBefore` or later. Nothing was sent.
        case expired
        /// The loop was closed before firing. Nothing was sent.
        case shutdown
        /// The loop was closed while the transfer ran. The request may have been acted upon.
        case aborted
        /// libcurl failed in a way that is about this process, not about the request: out of memory, say.
        case `internal`
    }

    package let kind: Kind
    /// For a person: what happened and where.
    package let message: String

    package init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }
}

extension TransferFailure: CustomStringConvertible {
    package var description: String { "\(kind.rawValue): \(message)" }
}
