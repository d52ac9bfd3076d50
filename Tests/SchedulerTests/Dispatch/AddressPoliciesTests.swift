import Testing
import Transfer

@testable import Scheduler

@Suite struct AddressPoliciesTests {
    private static let policies: AddressPolicies = {
        var configuration = Configuration()
        configuration.dispatch.addressPolicy = AddressPolicy(
            preset: .public, allow: [AddressRange("10.9.0.0/16")!], deny: [AddressRange("10.1.9.0/24")!])
        configuration.destinations = [
            .init(
                url: "http://inside.example", addresses: .init(preset: .internal, deny: [AddressRange("10.2.0.0/16")!])),
            .init(url: "http://inside.example/plain"),
            .init(url: "https://partner.example", addresses: .init(allow: [AddressRange("10.1.0.0/16")!])),
            .init(url: "https://strict.example", addresses: .init(deny: [AddressRange("10.9.1.0/24")!])),
        ]
        return AddressPolicies(configuration)
    }()

    @Test(arguments: [
        ("http://inside.example/x", "10.3.0.1", true), ("http://inside.example/x", "10.2.0.1", false),
        ("http://inside.example/x", "10.1.9.1", false), ("http://inside.example/x", "169.254.169.254", false),
        ("http://inside.example/plain/x", "10.3.0.1", false), ("http://inside.example/plain", "10.9.0.1", true),
        ("https://partner.example/", "10.1.2.3", true), ("https://partner.example/", "10.1.9.3", false),
        ("https://partner.example/", "10.9.0.1", false), ("https://strict.example/", "10.9.0.1", true),
        ("https://strict.example/", "10.9.1.1", false), ("http://other.example/", "10.3.0.1", false),
        ("http://other.example/", "10.9.0.1", true), ("http://other.example/", "192.0.1.1", true),
    ])
    func rules(_ url: String, _ address: String, _ isAllowed: Bool) {
        #expect((Self.policies[url].verdict(IPAddress(address)!) == .allowed) == isAllowed)
        #expect((Self.policies.own(url) == nil) == (url.contains("other") || url.contains("plain")))
    }

    @Test func aTaskIsCheckedByTheRulesOfItsDestination() throws {
        var configuration = Configuration()
        configuration.dispatch.addressPolicy = AddressPolicy(preset: .public)
        configuration.destinations = [.init(url: "http://10.1.2.3:8080", addresses: .init(preset: .internal))]
        let rules = TaskRules(configuration)
        #expect(rules.urlProblem("http://10.1.2.3:8080/x") == nil)
        #expect(rules.urlProblem("http://10.1.2.3/x")?.contains("private") == true)
    }

    @Test func theyAreRead() throws {
        let configuration = try Configuration.load(
            yaml: """
                destinations:
                  - {url: "http://inside.example", address_preset: internal, address_allow: [10.0.0.0/8], address_deny: ["::1/128"]}
                  - {url: "http://other.example"}
                """, name: "x.yaml"
        ).configuration
        let rules = configuration.destinations.map(\.addresses)
        #expect(
            rules[0] == .init(preset: .internal, allow: [AddressRange("10.0.0.0/8")!], deny: [AddressRange("::1/128")!])
        )
        #expect(rules[1] == nil)
    }
}
