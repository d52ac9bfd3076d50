package import Transfer

/// What the end of a call tells about its destination, which is not what it tells about its task.
package enum CallSign: Sendable, Equatable {
    /// It answered, whatever it thinks of the task.
    case healthy
    /// No connection, no answer in time, or an error of its own.
    case failed
    /// It says that it has too much to do.
    case overloaded
    /// Nothing: no call was made, or the request was at fault.
    case neutral

    package var isFailure: Bool { self == .failed || self == .overloaded }

    package init(_ result: TransferResult) {
        switch result.failure?.kind {
        case .resolve, .connect, .tls, .timeout, .send, .receive: self = .failed
        // It has answered, and is not where that leads.
        case .redirect where (300...399).contains(result.status): self = .healthy
        case .addressDenied, .redirect, .invalidRequest, .fenced, .expired, .shutdown, .aborted, .internal:
            self = .neutral
        case nil:
            switch result.status {
            case 429, 503: self = .overloaded
            case 500...599: self = .failed
            default: self = .healthy
            }
        }
    }
}
