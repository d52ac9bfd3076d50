import HTTPTypes
import Scheduler
import Synchronization
import Testing

@testable import Web

struct LegacyAPITests {
    let api = TestAPI()
    private let form = "application/x-www-form-urlencoded"

    private func save(_ body: String, type: String?, path: String = "/api/task/save") async throws -> TestAPI.Answer {
        let answer = try await api.call("POST", path, body, type: type)
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
        return answer
    }

    @Test func theAnswerIsThatOfTheOldProgram() async throws {
        let answer = try await save(
            "notify_url=http%3A%2F%2Fa.test%2F%3Fx%3D1&plan_time=5&method_name=post", type: form)
        #expect(answer.body == Array("{\"code\":\"ok\",\"data\":\"操作成功\"}".utf8))
        #expect(answer.headers[HTTPField.Name("X-Task-Id")!] == FakeScheduler.id.description)
        let refusal = try await save("plan_time=5", type: form)
        #expect(refusal.body == Array("{\"code\":\"no\",\"data\":\"通知地址参数必须\"}".utf8))
        #expect(refusal.headers[HTTPField.Name("X-Task-Id")!] == nil)
    }

    @Test(arguments: [
        ("notify_url=http%3A%2F%2Fa&plan_time=5&method_name=get&notify_param=a+b%2Bc", "http://a", "5", "get", "a b+c"),
        ("notify_url=one&notify_url=two", "one", "", "", ""),
        ("notify_url=u&notify_param=a%3D1%26b%3D2", "u", "", "", "a=1&b=2"),
        ("notify_url=u&notify_param=%zz&plan_time=7", "u", "7", "", ""),
        ("notify_url=u;notify_param=a;b&plan_time=7", "u", "7", "", "a"),
        ("notify_url=u&notify_param", "u", "", "", ""),
        ("notify_url=u&notify_param=a=b=c", "u", "", "", "a=b=c"),
        ("&&notify_url=u&&", "u", "", "", ""),
        ("notify%5Furl=u", "u", "", "", ""),
        ("notify_url=u&notify_param=%E4%B8%AD", "u", "", "", "中"),
        ("notify_url=u&notify_param=%FF", "u", "", "", "\u{FFFD}"),
    ])
    func formFields(_ body: String, _ url: String, _ time: String, _ method: String, _ param: String) async throws {
        _ = try await save(body, type: form)
        let read = try #require(api.scheduler.state.withLock { $0.forms.first })
        #expect(read.notifyURL == url)
        #expect(read.planTime == time)
        #expect(read.methodName == method)
        #expect(read.notifyParam == param)
    }

    @Test(arguments: ["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain", nil])
    func anotherContentTypeHasNoFields(_ type: String?) async throws {
        _ = try await save("notify_url=http://a.test/&plan_time=5", type: type)
        #expect(api.scheduler.state.withLock { $0.forms } == [LegacyForm()])
    }

    @Test func theQueryStringDoesNotCount() async throws {
        _ = try await save("plan_time=5", type: form, path: "/api/task/save?notify_url=http://q.test/&plan_time=6")
        let read = try #require(api.scheduler.state.withLock { $0.forms.first })
        #expect(read.notifyURL.isEmpty)
        #expect(read.planTime == "5")
    }

    @Test func whatCannotBeAcceptedIsNeverOK() async throws {
        let errors: [any Error] = [
            SchedulerError.unavailable("away", retryAfter: .seconds(1)), CancellationError(),
            ValidationError("request.url", "is bad"), SchedulerError.notFound(FakeScheduler.id),
        ]
        for error in errors {
            api.scheduler.state.withLock { $0.failure = error }
            #expect(
                try await save("notify_url=http://a.test/&plan_time=5", type: form).text.hasPrefix(
                    #"{"code":"no","data":""#))
        }
    }

    @Test func aBodyOverTheLimitIsNo() async throws {
        let body = "notify_param=" + String(repeating: "x", count: TestAPI.maxBodyBytes)
        #expect(try await save(body, type: form).text.hasPrefix(#"{"code":"no""#))
    }

    @Test(arguments: [
        ("<a&b>", #"\u003ca\u0026b\u003e"#), ("\"\\", #"\"\\"#), ("\n\r\t", #"\n\r\t"#),
        ("\u{0}\u{8}\u{C}\u{1F}", #"\u0000\u0008\u000c\u001f"#), ("\u{2028}\u{2029}", #"\u2028\u2029"#),
        ("\u{FFFD}", #"\ufffd"#), ("\u{7F}中😀/'", "\u{7F}中😀/'"),
    ])
    func escapesAreThoseOfGo(_ text: String, _ escaped: String) {
        let json = String(decoding: LegacyAnswer.no(text).json, as: UTF8.self)
        #expect(json == #"{"code":"no","data":""# + escaped + #""}"#)
    }
}
