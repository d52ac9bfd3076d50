/// Which addresses a task may be sent to. A pure rule: the loop asks it about the address of every connection it is
/// about to open, after name resolution and after redirects, so neither can get around it.
///
/// In this order:
/// 1. An address in a `deny` range is refused.
/// 2. Unspecified, multicast, broadcast and reserved addresses are refused, whatever `allow` says: none of them names
///    one host, and Linux takes `0.0.0.0` for itself.
/// 3. Link-local and metadata addresses hand out the credentials of the machine. They are refused unless an `allow`
///    range that holds the address lies wholly inside the narrowest such block around it: `169.254.7.0/24` admits those
///    256 addresses, and `169.254.169.254` the metadata service; `0.0.0.0/0` or `169.254.0.0/16` do not admit the latter.
/// 4. An address in an `allow` range is admitted.
/// 5. The preset decides.
///
/// An IPv6 address that carries IPv4 ones (`IPAddress.embedded`) is admitted only if each of them is as well.
package struct AddressPolicy: Sendable, Equatable {
    package enum Preset: String, Sendable, CaseIterable {
        /// Private networks, loopback and the internet: a scheduler among its own services.
        case `internal`
        /// Globally routable unicast only: a scheduler that calls addresses which strangers chose.
        case `public`
    }

    package enum Verdict: Sendable, Equatable {
        case allowed
        /// `reason` names the address and the rule.
        case denied(reason: String)
    }

    package let preset: Preset
    package let allow: [AddressRange]
    package let deny: [AddressRange]

    package init(preset: Preset = .internal, allow: [AddressRange] = [], deny: [AddressRange] = []) {
        self.preset = preset
        self.allow = allow
        self.deny = deny
    }

    package func verdict(_ ip: IPAddress) -> Verdict {
        if let rule = objection(to: ip) { return .denied(reason: "\(ip) is \(rule)") }
        for inner in ip.embedded {
            if let rule = objection(to: inner) { return .denied(reason: "\(ip) leads to \(inner), which is \(rule)") }
        }
        return .allowed
    }

    /// What speaks against this address alone; nil: nothing.
    private func objection(to ip: IPAddress) -> String? {
        if let range = deny.first(where: { $0.contains(ip) }) { return "in the denied range \(range)" }
        if let block = Self.never.first(where: { $0.range.contains(ip) }) { return "\(block), never called" }
        // The sealed blocks are listed narrowest first.
        if let block = Self.sealed.first(where: { $0.range.contains(ip) }) {
            if allow.contains(where: { block.range.contains($0) && $0.contains(ip) }) { return nil }
            return "\(block), not called unless a range inside that block is allowed"
        }
        if preset == .internal || allow.contains(where: { $0.contains(ip) }) { return nil }
        if let block = Self.notPublic.first(where: { $0.range.contains(ip) }) {
            return "\(block), refused by the preset public"
        }
        if case .v6 = ip, ip.embedded.isEmpty, !Self.globalUnicast.contains(ip) {
            return "outside \(Self.globalUnicast), refused by the preset public"
        }
        return nil
    }

    private struct Block: Sendable, CustomStringConvertible {
        let name: StaticString
        let range: AddressRange

        init(_ name: StaticString, _ range: StaticString) {
            self.name = name
            self.range = AddressRange(known: range)
        }

        var description: String { "\(name) (\(range))" }
    }

    private static let never = [
        Block("unspecified", "0.0.0.0/8"), Block("multicast", "224.0.0.0/4"), Block("broadcast", "255.255.255.255/32"),
        Block("reserved", "240.0.0.0/4"), Block("unspecified", "::/128"), Block("multicast", "ff00::/8"),
    ]

    private static let sealed = [
        Block("a metadata service", "169.254.169.254/32"),  // AWS, Azure, Google Cloud and most others
        Block("a metadata service", "169.254.170.2/32"),  // AWS ECS
        Block("a metadata service", "169.254.170.23/32"),  // AWS EKS
        Block("a metadata service", "100.100.100.200/32"),  // Alibaba Cloud
        Block("a metadata service", "168.63.129.16/32"),  // Azure's wire server
        Block("a metadata service", "192.0.0.192/32"),  // Oracle Cloud, older
        Block("a metadata service", "fd00:ec2::254/128"),  // AWS
        Block("a metadata service", "fd00:ec2::23/128"),  // AWS EKS
        Block("a metadata service", "fd20:ce::254/128"),  // Google Cloud
        Block("link-local", "169.254.0.0/16"),
        Block("link-local", "fe80::/10"),
    ]

    /// From IANA's special-purpose registries: what is not "globally reachable".
    private static let notPublic = [
        Block("loopback", "127.0.0.0/8"), Block("private", "10.0.0.0/8"), Block("private", "172.16.0.0/12"),
        Block("private", "192.168.0.0/16"), Block("carrier-grade NAT", "100.64.0.0/10"),
        Block("protocol assignments", "192.0.0.0/24"), Block("benchmarking", "198.18.0.0/15"),
        Block("documentation", "192.0.2.0/24"), Block("documentation", "198.51.100.0/24"),
        Block("documentation", "203.0.113.0/24"), Block("6to4 relays", "192.88.99.0/24"),
        Block("loopback", "::1/128"), Block("unique local", "fc00::/7"), Block("site-local", "fec0::/10"),
        Block("local NAT64", "64:ff9b:1::/48"), Block("benchmarking", "2001:2::/48"), Block("ORCHID", "2001:10::/28"),
        Block("ORCHID", "2001:20::/28"), Block("documentation", "2001:db8::/32"), Block("documentation", "3fff::/20"),
    ]

    private static let globalUnicast = AddressRange(known: "2000::/3")
}
