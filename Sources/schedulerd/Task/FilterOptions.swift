import ArgumentParser

/// Which tasks: the options of all commands that go through many.
struct FilterOptions: ParsableArguments {
    @Option(help: "scheduled, claimed, running, retrying, succeeded, dead or cancelled.") var state: String?
    @Option(help: "Only this queue.") var queue: String?
    @Option(help: "Only calls of this host, with the port if the URL names one.") var host: String?
    @Option(help: ArgumentHelp("Only tasks with this label; without a value: any.", valueName: "key=value"))
    var label: String?
    @Option(help: "Created at or after: RFC 3339 or unix seconds.") var from: String?
    @Option(help: "Created before: RFC 3339 or unix seconds.") var to: String?

    /// Those that were given.
    var fields: [(String, String)] {
        [("state", state), ("queue", queue), ("host", host), ("label", label), ("from", from), ("to", to)]
            .compactMap { name, value in value.map { (name, $0) } }
    }
}
