import HTTPTypes
import NIOCore
import Transfer

/// Who sent a request.
enum ClientAddress {
    private static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
    private static let realIP = HTTPField.Name("X-Real-IP")!

    /// The peer of the connection. When it is a trusted proxy: whom it names as its own peer, and so on.
    ///
    /// `X-Forwarded-For` is read from its end, where the nearest proxy writes: what a client put there itself stands
    /// before, and is not reached. `X-Real-IP` counts when there is no other.
    static func of(_ peer: IPAddress?, _ headers: HTTPFields, trusted: [AddressRange]) -> IPAddress? {
        func isTrusted(_ address: IPAddress) -> Bool { trusted.contains { $0.contains(address) } }
        guard let peer, isTrusted(peer) else { return peer }
        var client = peer
        let hops = headers[values: forwardedFor].flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        if hops.isEmpty { return headers[realIP].flatMap(IPAddress.init) ?? peer }
        for hop in hops.reversed() {
            guard let address = IPAddress(hop.filter { $0 != " " && $0 != "\t" }) else { break }
            client = address
            guard isTrusted(address) else { break }
        }
        return client
    }
}

extension SocketAddress {
    /// nil for a unix socket. An IPv4 address that comes in IPv6's clothes is one.
    var client: IPAddress? {
        let mapped = "::ffff:"
        guard let text = ipAddress?.prefix(while: { $0 != "%" }).lowercased() else { return nil }
        if text.hasPrefix(mapped), let address = IPAddress(String(text.dropFirst(mapped.count))) { return address }
        return IPAddress(text)
    }
}
