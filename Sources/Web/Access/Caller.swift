import Accounts

/// Who sends a request to the API, and what he may do.
struct Caller: Sendable, Equatable {
    /// As the audit log calls him.
    let name: String
    /// The only queues he sees; nil: all of them.
    let queues: Set<String>?

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
