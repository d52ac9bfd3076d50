import MySQL
import Scheduler
import Web

/// The receiver built into `schedulerd dev`: shows each callback with its lateness, and answers with success.
enum DevEcho {
    static let path = "/dev/echo"

    /// Of the body, on the terminal.
    private static let longest = 200

    static func route(_ scheduler: SchedulerService) -> GuestRoute {
        GuestRoute(path) { call in
            let arrival = Timestamp.now
            let id = call.header("X-Task-Id").flatMap { TaskID($0) }
            var task: TaskRecord?
            // Only to show when it was due: a call that is no callback, or a database that is away, is shown without.
            if let id { task = try? await scheduler.task(id) }
            DevConsole.say(line(call, at: arrival, task))
            return Array(#"{"success":true}"#.utf8)
        }
    }

    private static func line(_ call: GuestRoute.Call, at arrival: Timestamp, _ task: TaskRecord?) -> String {
        var line = "\(arrival.rfc3339) \(call.method) \(path)"
        if let task {
            line += " task \(task.id)"
            let attempt = call.header("X-Task-Attempt").flatMap { Int($0) } ?? 0
            line += " attempt \(attempt)"
            // A retry is due later than the task was.
            if attempt == 1 { line += " " + lateness((arrival - task.task.planTime).microseconds) }
        }
        if !call.body.isEmpty {
            let start = String(decoding: call.body.prefix(longest), as: UTF8.self)
            line += " body \(start.debugDescription)\(call.body.count > longest ? "…" : "")"
        }
        return line
    }

    private static func lateness(_ microseconds: Int64) -> String {
        let tenths = (microseconds.magnitude + 50) / 100
        return "\(tenths / 10).\(tenths % 10) ms \(microseconds < 0 ? "before" : "after") its plan time"
    }
}
