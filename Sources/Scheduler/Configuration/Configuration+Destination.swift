package import Transfer

extension Configuration {
    /// What holds for calls to certain URLs.
    package struct Destination: Sendable, Equatable {
        /// How the URLs begin. No two destinations have the same.
        package var url: String
        /// `whsec_` and the Base64 of 24 to 64 bytes; a call is signed with each.
        package var secrets: [String]
        /// For the sign of delayQS.
        package var md5Key: String?
        /// nil: as everywhere.
        package var addresses: AddressRules?

        /// What holds for the addresses of its calls beside or in place of `dispatch.address_policy`.
        package struct AddressRules: Sendable, Equatable {
            /// nil: that of `dispatch.address_policy`.
            package var preset: AddressPolicy.Preset?
            /// nil: those of `dispatch.address_policy`.
            package var allow: [AddressRange]?
            package var deny: [AddressRange] = []

            package init(preset: AddressPolicy.Preset? = nil, allow: [AddressRange]? = nil, deny: [AddressRange] = []) {
                self.preset = preset
                self.allow = allow
                self.deny = deny
            }

            /// What `standard` denies is denied here too.
            package func policy(_ standard: AddressPolicy) -> AddressPolicy {
                AddressPolicy(
                    preset: preset ?? standard.preset, allow: allow ?? standard.allow, deny: standard.deny + deny)
            }
        }

        package init(
            url: String, secrets: [String] = [], md5Key: String? = nil, addresses: AddressRules? = nil
        ) {
            self.addresses = addresses
            self.url = url
            self.secrets = secrets
            self.md5Key = md5Key
        }

        init(_ entry: ConfigurationEntry) {
            guard let url = entry.text("url") else { preconditionFailure("the entry was checked when it was set") }
            self.url = url
            secrets = entry.list("secrets") ?? []
            md5Key = entry.text("md5_key")
            let names = ["address_preset", "address_allow", "address_deny"]
            if names.contains(where: { entry.has($0) }) {
                addresses = AddressRules(
                    preset: entry.text("address_preset").flatMap(AddressPolicy.Preset.init(rawValue:)),
                    allow: entry.list("address_allow")?.compactMap { AddressRange($0) },
                    deny: (entry.list("address_deny") ?? []).compactMap { AddressRange($0) })
            }
        }
    }
}
