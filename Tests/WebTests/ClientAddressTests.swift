import HTTPTypes
import NIOCore
import Testing
import Transfer

@testable import Web

struct ClientAddressTests {
    private static let trusted = [AddressRange("127.0.0.1")!, AddressRange("10.0.0.0/8")!, AddressRange("fd00::/8")!]

    @Test(
        arguments: [
            // Not from a proxy that is trusted: whatever it says.
            ("203.0.113.9", ["198.51.100.1"], "198.51.100.2", "203.0.113.9"),
            ("127.0.0.1", ["198.51.100.1"], nil, "198.51.100.1"),
            ("127.0.0.1", [], "198.51.100.2", "198.51.100.2"),
            ("127.0.0.1", ["198.51.100.1"], "198.51.100.2", "198.51.100.1"),
            ("127.0.0.1", [], nil, "127.0.0.1"),
            // What the client wrote itself stands first.
            ("127.0.0.1", ["1.1.1.1, 198.51.100.1"], nil, "198.51.100.1"),
            ("127.0.0.1", ["1.1.1.1, 198.51.100.1, 10.2.3.4"], nil, "198.51.100.1"),
            ("127.0.0.1", ["1.1.1.1", "198.51.100.1 ,\t10.2.3.4"], nil, "198.51.100.1"),
            ("127.0.0.1", ["10.1.1.1, 10.2.3.4"], nil, "10.1.1.1"),
            ("127.0.0.1", ["198.51.100.1, unknown, 10.2.3.4"], nil, "10.2.3.4"),
            ("127.0.0.1", ["<script>"], nil, "127.0.0.1"),
            ("127.0.0.1", [","], nil, "127.0.0.1"),
            ("127.0.0.1", [], "<script>", "127.0.0.1"),
            ("fd00::1", ["2001:db8::5"], nil, "2001:db8::5"),
        ] as [(String, [String], String?, String)])
    func client(_ peer: String, _ forwarded: [String], _ real: String?, _ client: String) {
        var headers = HTTPFields()
        headers[values: HTTPField.Name("X-Forwarded-For")!] = forwarded
        headers[HTTPField.Name("X-Real-IP")!] = real
        #expect(ClientAddress.of(IPAddress(peer), headers, trusted: Self.trusted) == IPAddress(client))
        #expect(ClientAddress.of(IPAddress(peer), headers, trusted: []) == IPAddress(peer))
    }

    @Test func aConnectionWithoutAnAddress() throws {
        #expect(ClientAddress.of(nil, HTTPFields(), trusted: Self.trusted) == nil)
        #expect(try SocketAddress(unixDomainSocketPath: "/x").client == nil)
        #expect(try SocketAddress(ipAddress: "::ffff:127.0.0.1", port: 1).client == IPAddress("127.0.0.1"))
        #expect(try SocketAddress(ipAddress: "::1", port: 1).client == IPAddress("::1"))
    }
}
