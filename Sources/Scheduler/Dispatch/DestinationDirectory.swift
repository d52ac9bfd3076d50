package import Digests
import Synchronization
package import Transfer

/// Which destination a URL belongs to, looked up once for each start of a task: what follows from scheme, host and port
/// alone is remembered.
package final class DestinationDirectory: Sendable {
    fileprivate struct State {
        var rules: Rules
        /// Those of the configuration sign.
        var signing: Destinations
        var named: Destinations
        /// By the text up to the path; nil: the path decides.
        var byAuthority: [Substring: DestinationEntry?] = [:]
        var byName: [String: DestinationEntry] = [:]

        init(_ rules: Rules) {
            self.rules = rules
            signing = Destinations(rules.configured)
            // An origin has its own name in any case.
            let withPaths = rules.board.records.keys.filter { $0.utf8.count { $0 == UInt8(ascii: "/") } > 2 }
            named = Destinations(rules.configured + withPaths.map { Configuration.Destination(url: $0) })
        }
    }

    /// What the entries are made from.
    package struct Rules: Sendable, Equatable {
        package var configured: [Configuration.Destination] = []
        package var settings = DestinationGate.Settings()
        package var board = DestinationBoard.View()
        /// Opens the secrets of the board; nil: they are not used.
        package var seal: Seal?
        package var addressPolicy = AddressPolicy()

        package init() {}
    }

    private let rules: @Sendable () -> Rules
    private let state: Mutex<State>

    /// URLs are what strangers write: a text for each of them would fill the memory.
    private static let limit = 10_000

    package init(_ rules: @escaping @Sendable () -> Rules) {
        self.rules = rules
        state = Mutex(State(rules()))
    }

    package func entries(of urls: [String]) -> [DestinationEntry] {
        let rules = rules()
        return state.withLock { state in
            if state.rules != rules || state.byAuthority.count > Self.limit || state.byName.count > Self.limit {
                state = State(rules)
            }
            // Tasks that are due together often have one URL, and then one text in memory.
            var last: (url: String, entry: DestinationEntry)?
            return urls.map { url in
                if let last, last.url == url { return last.entry }
                let entry = state.entry(of: url)
                last = (url, entry)
                return entry
            }
        }
    }

    /// The entry of a URL or of a name.
    package func entry(of url: String) -> DestinationEntry { entries(of: [url])[0] }
}

extension DestinationDirectory.State {
    mutating func entry(of url: String) -> DestinationEntry {
        let authority = Self.authority(of: url)
        if let known = byAuthority[authority], let entry = known { return entry }
        guard let parts = CallbackURL(url) else { return entry(named: "", nil, nil) }
        let origin = parts.origin
        let name = named.owner(of: parts)?.name ?? origin
        let configured = signing.owner(of: parts)?.destination
        let entry = entry(named: name, configured?.signer, configured?.addresses?.policy(rules.addressPolicy))
        byAuthority[Substring(String(authority))] = .some(named.hasPaths(parts) ? nil : entry)
        return entry
    }

    private mutating func entry(
        named name: String, _ signer: WebhookSigner?, _ addressPolicy: AddressPolicy?
    ) -> DestinationEntry {
        if let entry = byName[name] { return entry }
        let entry = DestinationEntry(
            name: name, signer: WebhookSigner(signer, and: rules.secrets(of: name)), addressPolicy: addressPolicy,
            settings: rules.settings(of: name))
        byName[name] = entry
        return entry
    }

    /// What is before the path, the query and the fragment.
    private static func authority(of url: String) -> Substring {
        var slashes = 0
        for index in url.utf8.indices {
            switch url.utf8[index] {
            case UInt8(ascii: "/"):
                slashes += 1
                if slashes == 3 { return url[..<index] }
            case UInt8(ascii: "?"), UInt8(ascii: "#"): return url[..<index]
            default: break
            }
        }
        return url[...]
    }
}

extension CallbackURL {
    /// Scheme, host and port as a receiver sees them: without the scheme's own port.
    var origin: String {
        let isOwn = port == (scheme == "https" ? 443 : 80)
        return "\(scheme)://\(host.lowercased())\(isOwn ? "" : ":\(port)")"
    }
}

extension DestinationDirectory.Rules {
    /// What holds for one: limits of the whole cluster by this instance's share.
    fileprivate func settings(of name: String) -> DestinationGate.Settings {
        guard let record = board.records[name] else { return self.settings }
        var settings = self.settings
        settings.isPaused = record.pausedAt != nil
        settings.concurrency = record.settings.maxConcurrency.map { board.share.of($0) }
        if let rate = record.settings.rate {
            // Nobody has said otherwise, so each instance may make a call.
            let burst = record.settings.burst ?? max(board.share.members, Int(rate / 10))
            let share = board.share.of(rate: rate, burst: burst)
            settings.rate = DestinationGate.Rate(perSecond: share.rate, burst: share.burst)
        }
        settings.isForOthers =
            board.share.rank != nil && (settings.concurrency == 0 || settings.rate?.burst == 0)
        if let failures = record.settings.breakerFailures { settings.breaker.failures = failures }
        return settings
    }

    /// Those that are in the database.
    fileprivate func secrets(of name: String) -> [WebhookSecret] {
        board.records[name]?.openSecrets(seal) ?? []
    }

    package init(_ configuration: Configuration, _ board: DestinationBoard.View) {
        self.board = board
        let (dispatch, breaker) = (configuration.dispatch, configuration.breaker)
        configured = configuration.destinations
        seal = configuration.signing.seal
        addressPolicy = dispatch.addressPolicy
        settings.slots = max(1, dispatch.maxInFlight * dispatch.destinationSharePercent / 100)
        settings.breaker = breaker.settings
        settings.returnsPerSecond = Double(breaker.returnsPerSecond)
        settings.longestRetryAfter = breaker.settings.longestInterval
    }
}
