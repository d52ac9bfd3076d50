package import Transfer

/// One destination as tasks see it: what holds for calls to its URLs.
package final class DestinationEntry: Sendable {
    /// Its origin, or how its URLs begin. Empty: URLs that nobody can call.
    package let name: String
    /// nil: calls are not signed.
    package let signer: WebhookSigner?
    /// nil: addresses as everywhere.
    package let addressPolicy: AddressPolicy?
    package let settings: DestinationGate.Settings

    package init(
        name: String, signer: WebhookSigner?, addressPolicy: AddressPolicy? = nil, settings: DestinationGate.Settings
    ) {
        self.addressPolicy = addressPolicy
        self.name = name
        self.signer = signer
        self.settings = settings
    }
}
