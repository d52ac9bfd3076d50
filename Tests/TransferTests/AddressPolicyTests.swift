import Testing

@testable import Transfer

@Suite struct AddressPolicyTests {
    static let internalAllows = [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "8.8.8.8", "192.0.2.1",
        "::1", "fd12:3456::1", "2606:4700::1111", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
    ]
    static let nobodyAllows = [
        "0.0.0.0", "0.1.2.3", "169.254.0.1", "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "fe80::1", "febf::1", "ff02::1",
        "fd00:ec2::254", "::ffff:169.254.169.254", "::ffff:0.0.0.0", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::1", "::169.254.169.254", "2001:0:a9fe:a9fe::1", "2001:0:808:808::5601:5601",
    ]
    static let publicRefuses = [
        "127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "192.0.0.1",
        "198.18.0.1", "198.19.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "::1", "fc00::1",
        "fd12:3456::1", "fec0::1", "2001:db8::1", "3fff::1", "2001:2::1", "2001:10::1", "100::1", "4000::1", "5f00::1",
        "64:ff9b:1::808:808", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "::10.0.0.1",
        "2001:0:a00:1::f7f7:f7f7", "2001:0:808:808::f5ff:fffe",
    ]
    static let publicAllows = [
        "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "198.17.255.255", "198.20.0.1",
        "223.255.255.255", "2606:4700::1111", "2001:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808",
        "2002:808:808::1",
        "2001:0:808:808::f7f7:f7f7",
    ]

    private func isAllowed(_ text: String, _ policy: AddressPolicy) throws -> Bool {
        policy.verdict(try #require(IPAddress(text))) == .allowed
    }

    private func ranges(_ texts: [String]) -> [AddressRange] { texts.map { AddressRange($0)! } }

    @Test(arguments: internalAllows) func `internal admits`(_ text: String) throws {
        #expect(try isAllowed(text, AddressPolicy(preset: .internal)))
    }

    @Test(arguments: nobodyAllows, AddressPolicy.Preset.allCases)
    func `no preset and no wide range admits`(_ text: String, _ preset: AddressPolicy.Preset) throws {
        #expect(try !isAllowed(text, AddressPolicy(preset: preset)))
        #expect(try !isAllowed(text, AddressPolicy(preset: preset, allow: ranges(["0.0.0.0/0", "::/0"]))))
    }

    @Test(arguments: publicRefuses) func `public refuses`(_ text: String) throws {
        #expect(try !isAllowed(text, AddressPolicy(preset: .public)))
    }

    @Test(arguments: publicAllows) func `public admits`(_ text: String) throws {
        #expect(try isAllowed(text, AddressPolicy(preset: .public)))
    }

    @Test(
        arguments: [
            // allow, deny, address, admitted by public
            (["10.0.0.0/8"], [], "10.1.2.3", true),
            (["10.0.0.0/8"], [], "::ffff:10.1.2.3", true),
            (["::ffff:0:0/96"], [], "::ffff:10.1.2.3", false),
            (["64:ff9b::/96"], [], "64:ff9b::a00:1", false),
            (["10.0.0.0/8"], ["10.1.0.0/16"], "10.1.2.3", false),
            (["10.0.0.0/8"], ["10.1.0.0/16"], "10.2.2.3", true),
            ([], ["8.8.8.0/24"], "64:ff9b::808:808", false),
            ([], ["64:ff9b::/96"], "64:ff9b::808:808", false),
            (["169.254.7.0/24"], [], "169.254.7.1", true),
            (["169.254.7.0/24"], [], "169.254.8.1", false),
            (["169.254.0.0/16"], [], "169.254.8.1", true),
            (["169.254.0.0/16"], [], "169.254.169.254", false),
            (["169.254.169.254"], [], "169.254.169.254", true),
            (["169.254.169.254"], ["169.254.0.0/16"], "169.254.169.254", false),
            (["fe80::1"], [], "fe80::1", true),
            (["fd00:ec2::254"], [], "fd00:ec2::254", true),
            (["fd00::/8"], [], "fd00:ec2::254", false),
            (["fd00::/8"], [], "fd00:ec2::1", true),
            (["0.0.0.0"], [], "0.0.0.0", false),
            (["::"], [], "::", false),
            (["224.0.0.0/4", "ff00::/8"], [], "224.0.0.1", false),
            (["ff02::1"], [], "ff02::1", false),
        ] as [([String], [String], String, Bool)])
    func `deny beats allow, allow beats the preset`(
        _ allow: [String], _ deny: [String], _ text: String, _ admitted: Bool
    )
        throws
    {
        let policy = AddressPolicy(preset: .public, allow: ranges(allow), deny: ranges(deny))
        #expect(try isAllowed(text, policy) == admitted)
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1 is private (10.0.0.0/8), refused by the preset public"),
        (
            "64:ff9b::a9fe:a9fe",
            "64:ff9b::a9fe:a9fe leads to 169.254.169.254, which is a metadata service (169.254.169.254/32), not called "
                + "unless a range inside that block is allowed"
        ),
        ("::", ":: is unspecified (::/128), never called"),
        ("4000::1", "4000::1 is outside 2000::/3, refused by the preset public"),
    ]) func `a refusal names address and rule`(_ text: String, _ reason: String) throws {
        #expect(AddressPolicy(preset: .public).verdict(try #require(IPAddress(text))) == .denied(reason: reason))
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("2852039166", "169.254.169.254"), ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"), ("10.1.258", "10.1.1.2"),
        ("0xA9FEA9FE", "169.254.169.254"),
        ("0", "0.0.0.0"), ("4294967295", "255.255.255.255"), ("127.0.0.1.", "127.0.0.1"), ("::1", "::1"),
        ("[::1]", "::1"), ("[fe80::1%25eth0]", "fe80::1"), ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
    ]) func `a host that spells an address`(_ host: String, _ text: String) {
        #expect(AddressPolicy.literal(host: host) == IPAddress(text))
    }

    @Test(arguments: [
        "", ".", "example.com", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "1.2.65536", "4294967296", "08.1", "0x", "0x+1",
        "+1", "-1", "1..2", "1.2.3.a", "[127.0.0.1]", "[::1", "localhost", " 1", "1 ", "12345::1",
    ]) func `a host that does not`(_ host: String) {
        #expect(AddressPolicy.literal(host: host) == nil)
    }
}

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("0.0.0.0/0", "0.0.0.0/0"), ("192.0.2.1", "192.0.2.1/32"),
        ("fe80::/10", "fe80::/10"),
        ("::1", "::1/128"), ("::/0", "::/0"), ("2001:DB8::/32", "2001:db8::/32"),
    ]) func `reads`(_ text: String, _ canonical: String) {
        #expect(AddressRange(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.1.0.0/8", "::/129",
        "10/8",
        "0x7f.1", "fe80::1/10", "example.com/8", " 10.0.0.0/8",
    ]) func `refuses`(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "8.8.8.8", true),
        ("0.0.0.0/0", "::1", false), ("::/0", "8.8.8.8", false), ("fe80::/10", "febf:ffff::1", true),
        ("fe80::/10", "fec0::", false), ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
    ]) func `contains`(_ range: String, _ address: String, _ expected: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == expected)
    }

    @Test func `a range contains the narrower, not the wider`() {
        let wide = AddressRange("10.0.0.0/8")!
        let narrow = AddressRange("10.3.0.0/16")!
        #expect(wide.contains(narrow) && wide.contains(wide) && !narrow.contains(wide))
        #expect(!AddressRange("::/0")!.contains(wide))
    }
}
