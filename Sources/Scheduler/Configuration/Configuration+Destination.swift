extension Configuration {
    /// What holds for calls to certain URLs.
    package struct Destination: Sendable, Equatable {
        /// How the URLs begin. No two destinations have the same.
        package var url: String
        /// `whsec_` and the Base64 of 24 to 64 bytes; a call is signed with each.
        package var secrets: [String]
        /// For the sign of delayQS.
        package var md5Key: String?

        package init(url: String, secrets: [String] = [], md5Key: String? = nil) {
            self.url = url
            self.secrets = secrets
            self.md5Key = md5Key
        }

        init(_ entry: ConfigurationEntry) {
            guard let url = entry.text("url") else { preconditionFailure("the entry was checked when it was set") }
            self.url = url
            secrets = entry.list("secrets") ?? []
            md5Key = entry.text("md5_key")
        }
    }
}
