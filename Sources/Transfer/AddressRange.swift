/// A block of addresses in CIDR notation (RFC 4632, RFC 4291).
package struct AddressRange: Sendable, Hashable {
    package let base: IPAddress
    /// Leading bits that all members share: 0…32 or 0…128.
    package let prefixLength: Int

    /// `10.0.0.0/8`, `fe80::/10`, or a single address. Nil for anything else, and for bits set behind the prefix
    /// (`10.1.0.0/8`): whoever wrote that meant a narrower block, and a policy must not guess.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let base = IPAddress(String(parts[0])) else { return nil }
        let width =
            switch base {
            case .v4: 32
            case .v6: 128
            }
        var length = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let given = Int(parts[1]), given <= width
            else { return nil }
            length = given
        }
        self.base = base
        prefixLength = length
        guard Self.masked(base, length) == base else { return nil }
    }

    /// For the tables in this module, whose entries are right by test.
    init(known text: StaticString) {
        self.init(String(describing: text))!
    }

    /// Whether the address is of the same family and inside. An IPv4-mapped address is an IPv6 address here.
    package func contains(_ address: IPAddress) -> Bool {
        Self.masked(address, prefixLength) == base
    }

    /// Whether every member of `other` is a member of this range.
    package func contains(_ other: AddressRange) -> Bool {
        other.prefixLength >= prefixLength && contains(other.base)
    }

    private static func masked(_ address: IPAddress, _ length: Int) -> IPAddress {
        switch address {
        case .v4(let bits): .v4(length >= 32 ? bits : bits & ~(UInt32.max >> UInt32(length)))
        case .v6(let bits): .v6(length >= 128 ? bits : bits & ~(UInt128.max >> UInt128(length)))
        }
    }
}

extension AddressRange: CustomStringConvertible {
    package var description: String { "\(base)/\(prefixLength)" }
}
