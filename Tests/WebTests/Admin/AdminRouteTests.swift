import Accounts
import Scheduler
import Testing

@testable import Web

struct AdminRouteTests {
    private static let id = TaskID("0190b3f2-7a61-7000-8000-000000000001")!

    @Test(arguments: [
        ("/admin", AdminRoute.overview), ("/admin/", .overview), ("/admin/tasks", .tasks),
        ("/admin/tasks/new", .newTask),
        ("/admin/tasks/\(id)", .task(id)), ("/admin/tasks/\(id)/edit", .editTask(id)),
        ("/admin/tasks/\(id)/cancel", .steer(id, .cancel)), ("/admin/dead-letters/retry", .retryDeadLetters),
        ("/admin/operations/7/cancel", .cancelOperation("7")), ("/admin/quarantine/\(id)/delete", .decide(id, .delete)),
        ("/admin/queues/a%2Fb/pause", .setQueue("a/b", .pause)),
        ("/admin/destinations", .destinations), ("/admin/destinations/7", .destination(7)),
        ("/admin/destinations/7/test", .setDestination(7, .test)),
        ("/admin/destinations/7/pause", .setDestination(7, .pause)),
        ("/admin/users/3/disable", .changeUser(3, .disable)),
        ("/admin/login/index", .moved(to: "/admin/sign-in")), ("/admin/log/index", .moved(to: "/admin/tasks")),
        ("/admin/user/index", .moved(to: "/admin/users")), ("/admin/log/detail/42", .moved(to: "/admin/tasks")),
    ])
    func paths(_ path: String, _ route: AdminRoute) {
        #expect(AdminRoute(path: path[...]) == route)
    }

    @Test(arguments: [
        "/", "/administrator", "/admin/nothing", "/admin/tasks/x", "/admin/tasks/\(id)/explode", "/admin/users/x",
        "/admin/tasks/\(id)/cancel/now", "/admin//tasks", "/admin/%2e%2e/etc/passwd", "/admin/queues//pause",
        "/admin/tasks/%ff", "/admin/" + String(repeating: "a", count: 600),
    ])
    func nothingElse(_ path: String) {
        #expect(AdminRoute(path: path[...]) == nil)
    }

    /// What a role may, those above it may too; and nobody changes anything who only looks.
    @Test func writingTakesMoreThanLooking() {
        let id = Self.id
        var routes: [AdminRoute] = [
            .tasks, .editTask(id), .retryDeadLetters, .cancelOperation("1"), .destinations, .destination(7), .users,
            .user(1),
        ]
        routes += AdminRoute.TaskSteering.allCases.map { .steer(id, $0) }
        routes += AdminRoute.Decision.allCases.map { .decide(id, $0) }
        routes += AdminRoute.QueueChange.allCases.map { .setQueue("q", $0) }
        routes += AdminRoute.KeyChange.allCases.map { .changeKey(1, $0) } + [.keys]
        routes += AdminRoute.ScheduleChange.allCases.map { .steerSchedule("s", $0) } + [.schedules]
        routes += AdminRoute.DestinationChange.allCases.map { .setDestination(7, $0) }
        routes += AdminRoute.UserChange.allCases.map { .changeUser(1, $0) }
        for route in routes {
            guard case .signedIn(let role)? = route.access("POST") else {
                Issue.record("\(route) may be posted by anybody")
                continue
            }
            #expect(role != .viewer && role.includes(.operator))
            #expect(Role.administrator.includes(role))
        }
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] { #expect(AdminRoute.tasks.access(method) == nil) }
    }
}
