import MySQL
import Testing

@testable import Scheduler

struct ScheduleRulesTests {
    private static let now = Timestamp(microseconds: 1_795_168_800_000_000)

    private static func draft(_ change: (inout ScheduleDraft) -> Void = { _ in }) -> ScheduleDraft {
        var draft = ScheduleDraft()
        draft.name = "nightly"
        draft.cron = "0 3 * * *"
        draft.timezone = "Europe/Berlin"
        draft.task.url = "http://a.test/"
        change(&draft)
        return draft
    }

    @Test func aDraftWithLittleGetsDefaults() throws {
        let new = try ScheduleRules(Configuration()).check(Self.draft(), now: Self.now)
        #expect(new.missed == .runOnce && new.overlap == .allow && new.jitter == .zero && new.missedLimit == 100)
        #expect(new.task.queue == "default")
        #expect(new.rule.zone.name == "Europe/Berlin")
        #expect(
            ScheduleRule(kind: new.rule.stored.kind, text: new.rule.stored.text, timezone: "Europe/Berlin") == new.rule)
    }

    @Test func intervalsAndSeriesAreStoredToo() throws {
        let every = try ScheduleRules(Configuration()).check(
            Self.draft {
                ($0.cron, $0.timezone, $0.every) = (nil, nil, 1.5)
            }, now: Self.now)
        #expect(every.rule == .every(.milliseconds(1500), from: Self.now))
        let times = try ScheduleRules(Configuration()).check(
            Self.draft {
                ($0.cron, $0.timezone, $0.times) = (nil, nil, [Self.now, Self.now - .seconds(1), Self.now])
            }, now: Self.now)
        #expect(times.rule == .times([Self.now - .seconds(1), Self.now]))
        for rule in [every.rule, times.rule] {
            #expect(ScheduleRule(kind: rule.stored.kind, text: rule.stored.text, timezone: "UTC") == rule)
        }
    }

    private static let refusals: [(field: String, change: @Sendable (inout ScheduleDraft) -> Void)] = [
        ("name", { $0.name = "a b" }), ("name", { $0.name = nil }), ("cron", { $0.cron = "* *" }),
        (
            "cron",
            {
                $0.cron = nil
                $0.timezone = nil
            }
        ), ("cron", { $0.every = 5 }), ("timezone", { $0.timezone = "Mars" }),
        (
            "timezone",
            {
                $0.cron = nil
                $0.every = 5
            }
        ),
        (
            "every_s",
            {
                $0.cron = nil
                $0.timezone = nil
                $0.every = 0.5
            }
        ),
        (
            "times",
            {
                $0.cron = nil
                $0.timezone = nil
                $0.times = []
            }
        ), ("missed", { $0.missed = "x" }),
        ("missed_limit", { $0.missedLimit = 0 }), ("overlap", { $0.overlap = "replace" }),
        ("jitter_ms", { $0.jitterMilliseconds = -1 }), ("task.request.url", { $0.task.url = nil }),
        ("task.labels.schedule", { $0.task.labels = ["schedule": "x"] }),
        (
            "ends_at",
            {
                $0.startsAt = now
                $0.endsAt = now - .seconds(1)
            }
        ),
    ]

    @Test(arguments: refusals.indices) func whatIsRefused(_ index: Int) {
        let (field, change) = Self.refusals[index]
        let error = #expect(throws: ValidationError.self) {
            try ScheduleRules(Configuration()).check(Self.draft(change), now: Self.now)
        }
        #expect(error?.problems.map(\.field) == [field])
    }
}
