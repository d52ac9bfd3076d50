import MySQL
import Scheduler
import Testing

@testable import Importer

private func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text)! }

struct OldParameterTests {
    @Test(
        arguments: [
            (
                #"{"notify_url":"http://a/","plan_time":"2020-06-23T10:47:54.1728598+08:00","method_name":"","notify_param":""}"#,
                "2020-06-23T02:47:54.172859Z", ""
            ),
            (
                #"{"notify_url":"http://a/","plan_time":"2020-06-23T11:38:50+08:00","method_name":"post","notify_param":"a=\"1\"\u0026b=中"}"#,
                "2020-06-23T03:38:50Z", #"a="1"&b=中"#
            ),
            (
                #"{"notify_url":"http://a/","plan_time":"0001-01-01T00:00:00Z","method_name":"","notify_param":"x"}"#,
                nil, "x"
            ),
            (#"{"notify_url":"http://a/"}"#, nil, ""),
            ("notify_url=http://sksystem.sk0.com/queue/vip&plan_time=1592531732", "2020-06-19T01:55:32Z", ""),
            ("notify_url=http://a/&plan_time=x", nil, ""),
            ("order=42&x=y", nil, "order=42&x=y"),
            ("", nil, ""),
        ] as [(String, String?, String)])
    func read(_ text: String, _ planTime: String?, _ parameter: String) {
        let old = OldParameter(text)
        #expect(old.planTime == planTime.map(time))
        #expect(old.parameter == parameter)
        #expect(!old.isCutOff)
    }

    @Test func whatTheColumnCutOff() {
        let message =
            #"{"notify_url":"http://a/","plan_time":"2020-06-23T11:38:50+08:00","method_name":"post","notify_param":""#
        let old = OldParameter(String((message + String(repeating: "x", count: 300)).prefix(255)))
        #expect(old == OldParameter(planTime: time("2020-06-23T03:38:50Z"), isCutOff: true))
        #expect(OldParameter(String(repeating: "x", count: 255)).isCutOff)
    }
}

extension OldParameter {
    fileprivate init(planTime: Timestamp?, isCutOff: Bool) {
        self.init("")
        self.planTime = planTime
        self.isCutOff = isCutOff
    }
}

struct OldAttemptTests {
    @Test(
        arguments: [
            ("状态码： 200 响应信息： {\"success\":true}", 200, "{\"success\":true}"),
            ("状态码： 0 响应信息： ", nil, ""),
            ("状态码： 502 响应信息： <html>\n", 502, "<html>\n"),
            ("状态码： x", nil, "状态码： x"),
            ("", nil, ""),
        ] as [(String, Int?, String)])
    func answers(_ text: String, _ status: Int?, _ body: String) {
        let answer = OldAttempt.Answer(text)
        #expect(answer.status == status)
        #expect(answer.body == body)
    }
}

struct OldTaskTests {
    private let rules = OldTask.Rules(Configuration())

    private func task(
        state: Int, retries: Int = 0, index: String = "c05d5ec4-b290-4b43-b985-10928955fdba", url: String = "http://a/",
        method: String = "GET", parameter: String = "", attempts: [(Int, String)] = []
    ) throws -> OldTask {
        var task = try OldTask(
            Row(values: [
                .integer(7), .text(index), .integer(10), .integer(2), .integer(Int64(retries)), .integer(1_592_531_958),
                .integer(1_592_531_602), .text(url), .text(method), .text(parameter), .integer(Int64(state)),
            ]))
        task.attempts = try attempts.map { state, response in
            try OldAttempt(
                Row(values: [
                    .text(index), .integer(1_592_531_700), .integer(Int64(state)), .text(response), .integer(0),
                ]))
        }
        return task
    }

    private let added = Timestamp(microseconds: 1_592_531_602_000_000)
    private let changed = Timestamp(microseconds: 1_592_531_958_000_000)

    @Test func theIDIsTheTimeAndTheUUID() throws {
        let id = try task(state: 1).past(rules).id
        #expect(id == TaskID("0172ca47-ca50-7b43-b985-10928955fdba"))
        #expect(id >= TaskID.lowerBound(added) && id < TaskID.lowerBound(added + .milliseconds(1)))
    }

    @Test func aSucceededTask() throws {
        let past = try task(
            state: 1, retries: 1, method: "POST", parameter: "a=1",
            attempts: [(2, "状态码： 500 响应信息： no"), (1, "状态码： 200 响应信息： {\"success\":true}")]
        ).past(rules)
        #expect(past.stage == .succeeded(at: changed))
        #expect(past.attempt == 2)
        #expect(past.createdAt == added)
        #expect(past.task.successRule == .legacyJSONSuccess)
        #expect(past.task.request.method == "POST")
        #expect(past.task.request.body == Array("a=1".utf8))
        #expect(past.attempts.map(\.attempt) == [1, 2])
        #expect(past.attempts.map(\.status) == [500, 200])
        #expect(past.attempts.map(\.outcomeClass) == ["status", "success"])
        #expect(past.attempts.map(\.response) == [Array("no".utf8), Array("{\"success\":true}".utf8)])
    }

    @Test func aFailedTask() throws {
        let past = try task(state: 3, retries: 7).past(rules)
        #expect(past.stage == .dead(at: changed, reason: "failed in delay_queue after 7 attempts"))
        #expect(past.attempt == 7)
    }

    /// Ten seconds and two rounds of a wheel with sixty slots after it was added; or what the message says.
    @Test func aWaitingTask() throws {
        let past = try task(state: 0).past(rules)
        #expect(past.stage == .pending(planTime: added + .seconds(130)))
        #expect(past.attempt == 0)
        let message =
            #"{"notify_url":"http://a/","plan_time":"2020-06-23T11:38:50+08:00","method_name":"","notify_param":"p"}"#
        let told = try task(state: 0, parameter: message).past(rules)
        #expect(told.stage == .pending(planTime: time("2020-06-23T03:38:50Z")))
        #expect(told.task.planTime == time("2020-06-23T03:38:50Z"))
        #expect(told.task.request.body == Array("p".utf8))
        let past2 = try task(state: 0, parameter: message.replacing("2020-06-23", with: "2019-06-23")).past(rules)
        #expect(past2.stage == .pending(planTime: added + .seconds(130)))
    }

    /// The pause after the third failure is 30 seconds; what came before an earlier start of the program counts no more.
    @Test func aTaskThatWaitsForARetry() throws {
        let attempts = (0..<5).map { _ in (2, "状态码： 0 响应信息： ") }
        let past = try task(state: 2, retries: 3, attempts: attempts).past(rules)
        #expect(past.stage == .pending(planTime: changed + .seconds(30)))
        #expect(past.attempt == 5)
        #expect(past.retriesFrom == 2)
        #expect(past.attempts.allSatisfy { $0.outcomeClass == "no_answer" && $0.status == nil })
        let beyond = try task(state: 2, retries: 9).past(rules)
        #expect(beyond.stage == .pending(planTime: changed))
    }

    @Test func whatCannotBeImported() throws {
        func reason(_ task: OldTask) -> String? {
            #expect(throws: OldTask.Refusal.self) { try task.past(rules) }?.reason
        }
        #expect(reason(try task(state: 4)) == "its state is none of 0, 1, 2 and 3")
        #expect(reason(try task(state: 1, index: "x")) == "its queue_index is not a UUID")
        #expect(reason(try task(state: 0, url: "ftp://a/"))?.hasPrefix("its notify_url ") == true)
        let cut = String(repeating: "x", count: 255)
        #expect(reason(try task(state: 2, method: "POST", parameter: cut))?.contains("cut off") == true)
        // As history they do no harm.
        _ = try task(state: 1, url: "ftp://a/").past(rules)
        _ = try task(state: 3, method: "POST", parameter: cut).past(rules)
        _ = try task(state: 0, method: "GET", parameter: cut).past(rules)
    }
}

struct ImportReportTests {
    @Test func whatWasSkippedIsCountedByReason() {
        var report = ImportReport()
        report[.users].imported = 2
        report.skip(.pending, "no", "row 1")
        report.skip(.pending, "no", "row 2", count: 3)
        report.skip(.attempts, "nothing", "row 3", count: 0)
        #expect(report[.pending].skipped == 4)
        #expect(report[.pending].found == 4)
        let lines = report.lines()
        #expect(lines.count == 4)
        #expect(lines[3] == "skipped 4 of pending tasks: no, for instance row 1")
    }
}
