import Accounts
import Scheduler

/// What a path of the administration pages names. One place says which paths and methods there are, and for whom.
enum AdminRoute: Equatable {
    case overview
    /// Server-sent events with the figures of the overview.
    case live
    case signIn
    case signOut
    case account
    case tasks
    case newTask
    case task(TaskID)
    case editTask(TaskID)
    case steer(TaskID, TaskSteering)
    case deadLetters
    case retryDeadLetters
    case operation(String)
    case cancelOperation(String)
    case quarantine
    case quarantined(TaskID)
    case decide(TaskID, Decision)
    case queues
    case queue(String)
    case setQueue(String, QueueChange)
    case schedules
    case newSchedule
    case schedule(String)
    case steerSchedule(String, ScheduleChange)
    case destinations
    case destination(Int)
    case setDestination(Int, DestinationChange)
    case instances
    case users
    case newUser
    case user(Int)
    case changeUser(Int, UserChange)
    case keys
    case changeKey(Int, KeyChange)
    case audit
    /// A page of delay_queue, and where its like is.
    case moved(to: String)

    enum TaskSteering: String, CaseIterable { case cancel, run, retry, duplicate }
    enum Decision: String, CaseIterable { case retry, delete }
    enum QueueChange: String, CaseIterable { case pause, resume, purge, delete }
    enum DestinationChange: String, CaseIterable { case pause, resume, test, secret, drop, delete }
    enum UserChange: String, CaseIterable { case password, disable, enable, delete }
    enum ScheduleChange: String, CaseIterable { case pause, resume, run, delete }
    enum KeyChange: String, CaseIterable { case disable, delete }

    static let root = "/admin"
    static let assets = root + "/assets/"

    /// Who may do something.
    enum Access: Equatable {
        case everybody
        case signedIn(Role)
    }

    /// Who may send a request with this method. nil: nobody, the path has no such method.
    func access(_ method: String) -> Access? {
        switch (self, method) {
        case (.signIn, "GET"), (.signIn, "POST"), (.moved, "GET"): .everybody
        case (.signOut, "POST"), (.account, "GET"), (.account, "POST"): .signedIn(.viewer)
        case (.overview, "GET"), (.live, "GET"), (.tasks, "GET"), (.task, "GET"), (.deadLetters, "GET"),
            (.operation, "GET"), (.quarantine, "GET"), (.quarantined, "GET"), (.queues, "GET"), (.queue, "GET"),
            (.schedules, "GET"), (.schedule, "GET"),
            (.destinations, "GET"), (.destination, "GET"), (.instances, "GET"):
            .signedIn(.viewer)
        case (.newTask, "GET"), (.tasks, "POST"), (.editTask, "GET"), (.editTask, "POST"), (.steer, "POST"),
            (.retryDeadLetters, "GET"), (.retryDeadLetters, "POST"), (.cancelOperation, "POST"), (.decide, "POST"),
            (.queues, "POST"), (.queue, "POST"), (.setQueue, "POST"), (.newSchedule, "GET"), (.schedules, "POST"),
            (.steerSchedule, "POST"), (.destinations, "POST"), (.destination, "POST"), (.setDestination, "POST"):
            .signedIn(.operator)
        case (.users, "GET"), (.users, "POST"), (.newUser, "GET"), (.user, "GET"), (.user, "POST"),
            (.changeUser, "POST"), (.keys, "GET"), (.keys, "POST"), (.changeKey, "POST"), (.audit, "GET"):
            .signedIn(.administrator)
        default: nil
        }
    }

    /// Whether the page only shows what is there and may be a little behind. Forms are of what is to be decided on, and
    /// who is alive is told by the newest heartbeats.
    var mayBeBehind: Bool {
        switch self {
        case .overview, .tasks, .task, .deadLetters, .operation, .quarantine, .quarantined, .queues: true
        default: false
        }
    }

    var methods: [String] { ["GET", "POST"].filter { access($0) != nil } }

    private static let old = [
        "/admin/login/index": "/admin/sign-in", "/admin/login/quit": "/admin", "/admin/home/index": "/admin",
        "/admin/log/index": "/admin/tasks", "/admin/user/index": "/admin/users", "/admin/user/add": "/admin/users/new",
    ]

    /// - Returns: nil when there is nothing at this path.
    init?(path: Substring) {
        guard path.utf8.count <= 512 else { return nil }
        if let target = Self.old[String(path)] {
            self = .moved(to: target)
            return
        }
        if path.hasPrefix("/admin/log/detail/") {
            self = .moved(to: "/admin/tasks")
            return
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { part in
            FormFields.decode(part.utf8, plusIsBlank: false) ?? ""
        }
        guard parts.first == "admin" else { return nil }
        let rest = Array(parts.dropFirst())
        switch rest.count {
        case 0: self = .overview
        case 1:
            guard let route = Self.top[rest[0]] else { return nil }
            self = route
        case 2:
            guard let route = Self.below(rest[0], rest[1]) else { return nil }
            self = route
        case 3:
            guard let route = Self.below(rest[0], rest[1], rest[2]) else { return nil }
            self = route
        default: return nil
        }
    }

    private static let top: [String: AdminRoute] = [
        "": .overview, "live": .live, "sign-in": .signIn, "sign-out": .signOut, "account": .account, "tasks": .tasks,
        "dead-letters": .deadLetters, "quarantine": .quarantine, "queues": .queues, "schedules": .schedules,
        "destinations": .destinations, "instances": .instances,
        "users": .users, "keys": .keys, "audit": .audit,
    ]

    private static func below(_ first: String, _ second: String) -> AdminRoute? {
        switch (first, second) {
        case ("tasks", "new"): .newTask
        case ("tasks", _): TaskID(second).map { .task($0) }
        case ("dead-letters", "retry"): .retryDeadLetters
        case ("operations", _): second.isEmpty ? nil : .operation(second)
        case ("quarantine", _): TaskID(second).map { .quarantined($0) }
        case ("queues", _): second.isEmpty ? nil : .queue(second)
        case ("schedules", "new"): .newSchedule
        case ("schedules", _): second.isEmpty ? nil : .schedule(second)
        case ("destinations", _): Int(second).map { .destination($0) }
        case ("users", "new"): .newUser
        case ("users", _): Int(second).map { .user($0) }
        default: nil
        }
    }

    private static func below(_ first: String, _ second: String, _ third: String) -> AdminRoute? {
        switch (first, third) {
        case ("tasks", "edit"): TaskID(second).map { .editTask($0) }
        case ("tasks", _):
            TaskID(second).flatMap { id in TaskSteering(rawValue: third).map { .steer(id, $0) } }
        case ("operations", "cancel"): second.isEmpty ? nil : .cancelOperation(second)
        case ("quarantine", _):
            TaskID(second).flatMap { id in Decision(rawValue: third).map { .decide(id, $0) } }
        case ("queues", _): second.isEmpty ? nil : QueueChange(rawValue: third).map { .setQueue(second, $0) }
        case ("schedules", _):
            second.isEmpty ? nil : ScheduleChange(rawValue: third).map { .steerSchedule(second, $0) }
        case ("keys", _): Int(second).flatMap { id in KeyChange(rawValue: third).map { .changeKey(id, $0) } }
        case ("destinations", _):
            Int(second).flatMap { id in DestinationChange(rawValue: third).map { .setDestination(id, $0) } }
        case ("users", _): Int(second).flatMap { id in UserChange(rawValue: third).map { .changeUser(id, $0) } }
        default: nil
        }
    }
}

extension Role {
    /// Each role may do what those before it may.
    func includes(_ other: Role) -> Bool {
        Self.allCases.firstIndex(of: self)! >= Self.allCases.firstIndex(of: other)!
    }
}
