import Glibc

/// Where a client is, as far as it cannot choose: an IPv4 address, or the /64 of an IPv6 address, all of which one
/// subscriber has (RFC 6177).
struct ClientNetwork: Sendable, Equatable {
    let text: String

    /// - Parameter address: without a port; what is no IP address is taken as it is.
    init(_ address: String) {
        var bits: UInt128 = 0
        guard inet_pton(AF_INET6, address, &bits) == 1 else {
            text = String(address.prefix(45))
            return
        }
        bits = UInt128(bigEndian: bits)
        if bits >> 32 == 0xffff {
            // An IPv4 address as IPv6 sockets show it.
            text = (0..<4).reversed().map { String(UInt8(truncatingIfNeeded: bits >> ($0 * 8))) }.joined(separator: ".")
        } else {
            text = String(UInt64(bits >> 64), radix: 16) + "/64"
        }
    }
}
