import Accounts

/// Who sends a request to the API, and what he may do.
struct Caller: Sendable, Equatable {
    /// As the audit log calls him.
    let name: String
    /// The only queues he sees; nil: all of them.
    let queues: Set<String>?

    /// Whose `Idempotency-Key` one is: keys for the same queues are of one producer, so that one may take another's
    /// place between two sendings of a request; what keys for other queues send is apart.
    var owner: String { queues.map { $0.sorted().joined(separator: ",") } ?? "" }

    /// Where no keys are asked for.
    static let anybody = Caller(name: "api", queues: nil)

    private init(name: String, queues: Set<String>?) {
        self.name = name
        self.queues = queues
    }

    init(_ key: APIKey) {
        self.init(name: "key:" + key.name, queues: key.queues)
    }
}
