/// A password that may be compared; it counts as a failure until it is said to be none.
package struct SignInAttempt: Sendable {
    /// Redis keys of the device's record and gate; nil unless the account knows the device.
    let device: (record: String, gate: String)?
    let gates: [String]
    let account: String
}

/// Whether a password may be compared.
package enum SignInAdmission: Sendable {
    case allowed(SignInAttempt)
    /// Not before so many seconds are over.
    case wait(seconds: Int)
}
