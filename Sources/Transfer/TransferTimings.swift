/// Where the time of a transfer went, in microseconds from firing, each including those before it, as libcurl counts.
/// After redirects, the last hop's points, counted from the first firing.
package struct TransferTimings: Sendable, Equatable {
    /// The name was resolved. 0: not reached, or the connection was a kept one; so `connect` and `tls`.
    package var lookup: Int64 = 0
    /// The TCP connection stood. libcurl notes it only if TLS, where there is any, came to stand as well.
    package var connect: Int64 = 0
    /// The TLS handshake was over. 0 for plain HTTP too.
    package var tls: Int64 = 0
    /// The first byte of the answer came. 0: none did.
    package var firstByte: Int64 = 0
    /// The transfer was over.
    package var total: Int64 = 0

    package init() {}

    /// These timings when the hop began `microseconds` after the first firing; what was not reached stays 0.
    func shifted(by microseconds: Int64) -> TransferTimings {
        var result = self
        for point in [\Self.lookup, \.connect, \.tls, \.firstByte, \.total] where result[keyPath: point] != 0 {
            result[keyPath: point] += microseconds
        }
        return result
    }
}
