/// Everything that can be set, checked, in the types the parts of the program use.
///
/// Each section of the file is a struct here. What a key means, its default, unit and range are said once, in
/// `ConfigurationTable`, and for readers in `docs/configuration.md`.
public struct Configuration: Sendable, Equatable {
    package var roles: Set<Role>
    /// `nil`: the caller takes the host name.
    package var instanceName: String?
    /// `nil`: none is kept.
    package var pidFile: String?
    package var server: Server
    package var api: API
    package var metrics: Metrics
    package var masterDB: Database
    /// The replica for pages and reports; `nil` when no key of its section is set.
    package var slaveDB: Database?
    package var replicaRules: ReplicaRules
    package var redis: Redis
    package var session: Session
    package var destinations: [Destination]
    package var queue: Queue
    package var intake: Intake
    package var claim: Claim
    package var start: Start
    package var dispatch: Dispatch
    package var breaker: Breaker
    package var signing: Signing
    package var outcome: Outcome
    package var cluster: Cluster
    package var legacy: Legacy
    package var retention: Retention
    package var shutdown: Shutdown
    package var log: Log

    /// The defaults.
    public init() {
        self.init(ConfigurationValues())
    }

    init(_ values: ConfigurationValues) {
        roles = Set(values.list("roles").compactMap(Role.init(rawValue:)))
        instanceName = values.textIfSet("instance_name")
        pidFile = values.textIfSet("pid_file")
        server = Server(values)
        api = API(values)
        metrics = Metrics(values)
        masterDB = Database(values, section: "master_db")
        slaveDB = values.isPresent(section: "slave_db") ? Database(values, section: "slave_db") : nil
        replicaRules = ReplicaRules(values)
        redis = Redis(values)
        session = Session(values)
        destinations = values.entries("destinations").map(Destination.init)
        queue = Queue(values)
        intake = Intake(values)
        claim = Claim(values)
        start = Start(values)
        dispatch = Dispatch(values)
        breaker = Breaker(values)
        signing = Signing(values)
        outcome = Outcome(values)
        cluster = Cluster(values)
        legacy = Legacy(values)
        retention = Retention(values)
        shutdown = Shutdown(values)
        log = Log(values)
    }

    /// What a process does.
    package enum Role: String, Sendable, Hashable, CaseIterable {
        /// Takes tasks over HTTP.
        case api
        /// Serves the administration pages.
        case admin
        /// Takes tasks from Redis.
        case intake
        /// Runs tasks.
        case worker
    }
}
