import MySQL
import Scheduler
import Testing

@testable import Web

struct TaskFormTests {
    private let now = Timestamp(microseconds: 1_795_255_200_000_000)

    private func form(_ content: String) -> TaskForm { TaskForm(FormFields(content.utf8)) }

    @Test func everyFieldCounts() throws {
        let draft = try form(
            "plan_time=%2B1h30m&expires_at=%2B2h&method=PUT&url=http%3A%2F%2Fa%2F&headers=A%3A+b%0D%0AC%3A+d&body=x%0D%0Ay&queue=q"
                + "&success_rule=status_2xx&max_retries=2&delays=1%2C+2.5&timeout_ms=500&on_lost=dead&labels=k%3Dv%3Dw"
        ).draft(now: now)
        #expect(draft.planTime == now + .seconds(5400) && draft.expiresAt == now + .seconds(7200))
        #expect(draft.method == "PUT" && draft.url == "http://a/" && draft.queue == "q")
        #expect(draft.headers == [HeaderField(name: "A", value: "b"), HeaderField(name: "C", value: "d")])
        #expect(draft.body == Array("x\ny".utf8))
        #expect(draft.maxRetries == 2 && draft.retryDelays == [1, 2.5] && draft.timeoutMilliseconds == 500)
        #expect(draft.onLost == "dead" && draft.labels == ["k": "v=w"])
    }

    @Test(arguments: [
        ("plan_time=soon", "plan_time"), ("plan_time=%2B5", "plan_time"), ("expires_at=soon", "expires_at"),
        ("headers=nonsense", "request.headers"),
        ("max_retries=many", "retry.max_retries"), ("timeout_ms=1.5", "timeout_ms"), ("delays=1;2", nil),
        ("delays=a", "retry.delays"), ("labels=k", "labels"), ("labels=k%3D1%0Ak%3D2", "labels"),
    ])
    func whatCannotBeReadIsNamed(_ content: String, _ field: String?) {
        do {
            _ = try form(content).draft(now: now)
            #expect(field == nil)
        } catch {
            #expect(error.problems.map(\.field) == [field])
        }
    }

    @Test func theCurlAsksForTheSame() throws {
        var draft = TaskDraft()
        draft.planTime = now
        draft.url = "http://a/'b'"
        draft.body = Array("it's \"x\"".utf8)
        let curl = draft.curl(server: "http://127.0.0.1:8080")
        #expect(
            curl.hasPrefix("curl http://127.0.0.1:8080/v1/tasks --header 'Content-Type: application/json' --data-raw '")
        )
        #expect(curl.contains("it'\\''s"))
    }
}

struct FormatsTests {
    private let texts = Texts.of(.english)

    @Test(arguments: [
        (0, "0 µs"), (999, "999 µs"), (1000, "1 ms"), (1500, "1.50 ms"), (59_990_000, "59.99 s"), (60_000_000, "1 min"),
        (5_400_000_000, "1.50 h"), (172_800_000_000, "2 d"),
    ])
    func lengths(_ microseconds: Int, _ text: String) {
        #expect(texts.length(microseconds: microseconds) == text)
    }

    @Test func numbers() {
        #expect(texts.number(0) == "0" && texts.number(1234) == "1,234" && texts.number(-1_234_567) == "-1,234,567")
        #expect(texts.number(Estimate(10_000, isExact: false)) == "≈ 10,000")
        #expect(texts.decimal(1234.56) == "1,234.6")
    }
}
