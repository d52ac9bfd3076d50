import ArgumentParser
import MySQL
import Scheduler

/// What a schedule is: when, and what.
struct ScheduleOptions: ParsableArguments {
    @Option(help: "A cron expression of five fields, or six with the second in front.") var cron: String?
    @Option(help: "The time zone of --cron. Default: UTC.") var timezone: String?
    @Option(help: "A fixed rate: 30s, 10m, 1h30m.") var every: DelayText?
    @Option(help: "A time of a series: RFC 3339; may be given several times.") var time: [String] = []
    @Option(help: "No run before it: RFC 3339.") var startsAt: String?
    @Option(help: "No run after it: RFC 3339.") var endsAt: String?
    @Option(help: "skip, run_once or run_all: what becomes of runs that nobody could make in time.") var missed: String?
    @Option(help: "allow or skip: whether a run begins while the last one is not finished.") var overlap: String?
    @Option(help: "Each run comes up to so much later: 30s.") var jitter: DelayText?
    @Option(help: "What to call.") var url: String
    @Option(help: "GET, HEAD, POST, PUT, PATCH or DELETE. Default: the server's.") var method: String?
    @Option(help: "The body, as text.") var body: String?
    @Option(help: "The queue. Default: the server's.") var queue: String?
    @Option(help: "Retries after the first attempt. Default: the server's.") var retries: Int?
    @OptionGroup var following: FollowUpOptions

    /// The document that the API takes.
    /// - Parameter own: writes what it has besides.
    func document(_ own: (inout JSONWriter) -> Void = { _ in }) throws -> [UInt8] {
        let followUps = try following.members()
        var writer = JSONWriter()
        writer.object { writer in
            own(&writer)
            if let cron { writer.member("cron", cron) }
            if let timezone { writer.member("timezone", timezone) }
            if let every { writer.member("every_s", number: RetrySchedule.secondsText(every.duration)) }
            if !time.isEmpty {
                writer.array("times") { writer in
                    for time in time { writer.string(time) }
                }
            }
            if let startsAt { writer.member("starts_at", startsAt) }
            if let endsAt { writer.member("ends_at", endsAt) }
            if let missed { writer.member("missed", missed) }
            if let overlap { writer.member("overlap", overlap) }
            if let jitter { writer.member("jitter_ms", Int(jitter.duration.microseconds / 1000)) }
            writer.object("task") { writer in
                if let queue { writer.member("queue", queue) }
                writer.object("request") { writer in
                    writer.member("url", url)
                    if let method { writer.member("method", method) }
                    if let body { writer.member("body", body) }
                }
                if let retries { writer.object("retry") { $0.member("max_retries", retries) } }
                for (name, followUp) in followUps { writer.member(name, followUp) }
            }
        }
        return writer.bytes
    }
}
