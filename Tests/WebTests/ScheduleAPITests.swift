import HTTPTypes
import Scheduler
import Synchronization
import Testing

@testable import Web

struct ScheduleAPITests {
    let api = TestAPI()

    private static let nightly =
        #"{"name":"nightly","cron":"0 3 * * *","timezone":"Europe/Berlin","task":{"request":{"url":"http://a.test/x","body":"b"}}}"#

    private func addNightly() async throws {
        #expect(try await api.call("POST", "/v1/schedules", Self.nightly).status == 201)
    }

    @Test func aScheduleIsMadeAndShown() async throws {
        let answer = try await api.call("POST", "/v1/schedules", Self.nightly)
        #expect(answer.status == 201)
        #expect(answer.headers[.location] == "/v1/schedules/nightly")
        let json = try answer.json
        #expect(json["cron"]?.text == "0 3 * * *" && json["timezone"]?.text == "Europe/Berlin")
        #expect(json["next_at"]?.text == "2026-11-21T02:00:00Z", "\(answer.text)")
        #expect(json["task"]?["request"]?["url"]?.text == "http://a.test/x")
        #expect(json["missed"]?.text == "run_once" && json["overlap"]?.text == "allow")
        #expect(try await api.call("POST", "/v1/schedules", Self.nightly).status == 409)
        #expect(try await api.call("GET", "/v1/schedules/nightly").text == answer.text)
        let next = try await api.call("GET", "/v1/schedules/nightly/next?count=2")
        #expect(next.text == #"{"next":["2026-11-21T02:00:00Z","2026-11-22T02:00:00Z"]}"#)
    }

    @Test func intervalsAndSeries() async throws {
        let every = try await api.call(
            "POST", "/v1/schedules",
            #"{"name":"a","every_s":1.5,"paused":true,"task":{"request":{"url":"http://a.test/"}}}"#)
        #expect(try every.json["every_s"] == .number("1.5"))
        #expect(try every.json["next_at"] == .null)
        #expect(try await api.call("GET", "/v1/schedules/a/next").text == #"{"next":[]}"#)
        let times = try await api.call(
            "POST", "/v1/schedules",
            #"{"name":"b","times":["2027-01-01T00:00:00Z",1800000000],"task":{"request":{"url":"http://a.test/"}}}"#)
        #expect(try times.json["times"]?.elements.count == 2)
        let page = try await api.call("GET", "/v1/schedules?limit=1")
        #expect(try page.json["next_cursor"]?.text == "a")
        let rest = try await api.call("GET", "/v1/schedules?limit=1&cursor=a")
        #expect(try rest.json["schedules"]?.elements.first?["name"]?.text == "b")
        #expect(try rest.json["next_cursor"] == .null)
    }

    @Test func itsRunsHaveFollowUps() async throws {
        let answer = try await api.call(
            "POST", "/v1/schedules",
            #"""
            {"name":"a","every_s":60,"task":{"request":{"url":"http://a.test/"},"on_success":null,
             "on_failure":{"request":{"url":"http://a.test/failed"},"delay_s":30}}}
            """#)
        #expect(answer.status == 201, "\(answer.text)")
        let task = try answer.json["task"]
        #expect(task?["on_success"] == .null)
        #expect(task?["on_failure"]?["request"]?["url"]?.text == "http://a.test/failed")
        #expect(task?["on_failure"]?["delay_s"] == .number("30"))
    }

    @Test func itIsSteered() async throws {
        try await addNightly()
        for action in ["pause", "resume"] {
            #expect(try await api.call("POST", "/v1/schedules/nightly:\(action)").status == 200)
        }
        #expect(try await api.call("POST", "/v1/schedules/nightly:run").status == 201)
        #expect(try await api.call("POST", "/v1/schedules/nightly:run", "{}").status == 400)
        #expect(try await api.call("POST", "/v1/schedules/nightly:stop").status == 404)
        let hourly = #"{"cron":"@hourly","task":{"request":{"url":"http://a.test/x"}}}"#
        #expect(try await api.call("PUT", "/v1/schedules/nightly", hourly).json["cron"]?.text == "@hourly")
        #expect(try await api.call("PUT", "/v1/schedules/other", hourly).status == 404)
        #expect(try await api.call("DELETE", "/v1/schedules/nightly").status == 204)
        for path in ["", "/next"] { #expect(try await api.call("GET", "/v1/schedules/nightly\(path)").status == 404) }
        #expect(try await api.call("DELETE", "/v1/schedules/nightly").status == 404)
    }

    @Test(arguments: [
        (#"{"name":"x","cron":"* * * * *"}"#, 400, "task"),
        (
            #"{"name":"x","cron":"* * * * *","task":{"plan_time":1,"request":{"url":"http://a.test/"}}}"#, 400,
            "task.plan_time"
        ),
        (#"{"name":"x","cron":5,"task":{"request":{"url":"http://a.test/"}}}"#, 400, "cron"),
        (#"{"name":"x","cron":"* * *","task":{"request":{"url":"http://a.test/"}}}"#, 422, "cron"),
        (#"{"name":"x","cron":"* * * * *","task":{"request":{"url":"ftp://a.test/"}}}"#, 422, "task.request.url"),
        (#"{"name":"x","cron":"* * * * *","task":{"request":{"url":7}}}"#, 400, "task.request.url"),
        (#"{"name":"x","every_s":0.0001,"task":{"request":{"url":"http://a.test/"}}}"#, 422, "every_s"),
        (
            #"{"name":"x","every_s":5,"task":{"request":{"url":"http://a.test/"},"on_failure":{"request":{"url":"ftp://a/"}}}}"#,
            422, "task.on_failure.request.url"
        ),
        (#"{"name":"x y","every_s":5,"task":{"request":{"url":"http://a.test/"}}}"#, 422, "name"),
        (#"{"name":"x","every_s":5,"paused":1,"task":{"request":{"url":"http://a.test/"}}}"#, 400, "paused"),
    ])
    func whatIsWrongIsTold(_ body: String, _ status: Int, _ field: String) async throws {
        let answer = try await api.call("POST", "/v1/schedules", body)
        #expect(answer.status == status, "\(answer.text)")
        #expect(try answer.json["field"]?.text == field, "\(answer.text)")
    }
}
