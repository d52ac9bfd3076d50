import Glibc

/// An IPv4 or IPv6 address as a number. Zone indices (`%eth0`) are not part of it.
package enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    case v6(UInt128)

    /// Reads the canonical spellings only: `192.0.2.1`, `2001:db8::1`. For what a URL may hold, see
    /// `AddressPolicy.literal(host:)`.
    package init?(_ text: String) {
        var bytes4: UInt32 = 0
        var bytes6: UInt128 = 0
        if inet_pton(AF_INET, text, &bytes4) == 1 {
            self = .v4(UInt32(bigEndian: bytes4))
        } else if inet_pton(AF_INET6, text, &bytes6) == 1 {
            self = .v6(UInt128(bigEndian: bytes6))
        } else {
            return nil
        }
    }

    /// The address in a `sockaddr_in` or `sockaddr_in6`; nil for any other family, or one cut short.
    init?(socketAddress: UnsafeRawPointer, length: Int) {
        switch Int32(socketAddress.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            self = .v4(UInt32(bigEndian: socketAddress.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            let offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr)!
            self = .v6(UInt128(bigEndian: socketAddress.loadUnaligned(fromByteOffset: offset, as: UInt128.self)))
        default:
            return nil
        }
    }

    /// The IPv4 addresses that packets to this IPv6 address may end up at: mapped and compatible (RFC 4291), NAT64
    /// (RFC 6052 and the local prefix of RFC 8215), 6to4 (RFC 3056), and server and client of Teredo (RFC 4380).
    var embedded: [IPAddress] {
        guard case .v6(let bits) = self else { return [] }
        let low = UInt32(truncatingIfNeeded: bits)
        if bits >> 32 == 0xffff { return [.v4(low)] }
        if bits >> 32 == 0 { return bits > 1 ? [.v4(low)] : [] }  // :: and ::1 are not IPv4-compatible
        if bits >> 32 == 0x0064_ff9b << 64 { return [.v4(low)] }
        if bits >> 80 == 0x0064_ff9b_0001 { return [.v4(low)] }
        if bits >> 112 == 0x2002 { return [.v4(UInt32(truncatingIfNeeded: bits >> 80))] }
        if bits >> 96 == 0x2001_0000 { return [.v4(UInt32(truncatingIfNeeded: bits >> 64)), .v4(~low)] }
        return []
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch self {
        case .v4(let bits):
            var network = bits.bigEndian
            inet_ntop(AF_INET, &network, &text, socklen_t(text.count))
        case .v6(let bits):
            var network = bits.bigEndian
            inet_ntop(AF_INET6, &network, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
