/// After so many failures each further one makes the next attempt wait: 1 s, 2 s, 4 s, … An hour after the last failure
/// all are forgotten.
struct SignInGate: Sendable {
    /// Failures before the first wait.
    let free: Int
    let longestSeconds: Int

    /// One client at one account: 5 typing errors are free; later 4 guesses an hour.
    static let pair = SignInGate(free: 5, longestSeconds: 900)
    /// One network at all accounts: an office may share an address.
    static let address = SignInGate(free: 20, longestSeconds: 900)
    /// All clients that the account does not know: 84 guesses in the first hour, 60 in each further one; OWASP ASVS 4.0,
    /// 2.2.1 allows 100.
    static let account = SignInGate(free: 20, longestSeconds: 60)
    /// A device that the account knows.
    static let device = SignInGate(free: 10, longestSeconds: 900)
}
