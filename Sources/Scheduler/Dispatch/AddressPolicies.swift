package import Transfer

/// Which addresses calls may go to: what holds for a destination, or for all others.
package struct AddressPolicies: Sendable {
    package let standard: AddressPolicy
    /// nil: none has rules of its own.
    private let destinations: Destinations?

    package init(_ configuration: Configuration) {
        standard = configuration.dispatch.addressPolicy
        let destinations = configuration.destinations
        self.destinations = destinations.contains { $0.addresses != nil } ? Destinations(destinations) : nil
    }

    /// The same for all.
    package init(_ policy: AddressPolicy = AddressPolicy()) {
        standard = policy
        destinations = nil
    }

    package subscript(url: String) -> AddressPolicy { own(url) ?? standard }

    /// nil: what holds for all others.
    package func own(_ url: String) -> AddressPolicy? { destinations?[url]?.addresses?.policy(standard) }
}
