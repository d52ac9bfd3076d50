import Synchronization
import Testing

@testable import Scheduler
@testable import Web

struct SourceAPITests {
    let api = TestAPI()

    private func keep(_ count: UInt64) {
        api.scheduler.state.withLock { state in
            state.quarantine = (1...count).reversed().map { number in
                QuarantinedMessage(
                    id: TaskID(milliseconds: 1, random: (number, 0)), source: "list", reason: "is not a JSON object",
                    message: [0xFF, 0x41], score: 1.5, receivedAt: FakeScheduler.now)
            }
        }
    }

    @Test func sourcesAreShown() async throws {
        let answer = try await api.call("GET", "/v1/sources")
        #expect(
            answer.text
                == #"{"sources":[{"key":"delay_queue_task","kind":"list","depth":3,"moved":7,"lag_ms":1500,"problem":null},"#
                + #"{"key":"jobs","kind":"sorted_set","depth":null,"moved":0,"lag_ms":null,"problem":"away"}]}"#)
    }

    @Test func quarantineIsPaged() async throws {
        keep(3)
        let answer = try await api.call("GET", "/v1/quarantine?limit=2")
        #expect(answer.status == 200)
        let messages = try #require(try answer.json["messages"]?.elements)
        #expect(messages.count == 2)
        #expect(messages[0]["message"]?.text == "/0E=")
        #expect(messages[0]["message_encoding"]?.text == "base64")
        #expect(messages[0]["message_bytes"]?.integer == 2)
        let cursor = try #require(try answer.json["next_cursor"]?.text)
        #expect(cursor == messages[1]["id"]?.text)
        _ = try await api.call("GET", "/v1/quarantine?cursor=\(cursor)")
        #expect(api.scheduler.state.withLock { $0.cursor?.description } == cursor)
        #expect(try await api.call("GET", "/v1/quarantine?cursor=x").status == 400)
    }

    @Test func aMessageIsRetriedOrDeleted() async throws {
        keep(1)
        let path = "/v1/quarantine/\(TaskID(milliseconds: 1, random: (1, 0)))"
        #expect(try await api.call("GET", path).json["reason"]?.text == "is not a JSON object")
        #expect(try await api.call("POST", path + ":retry", "{").status == 400)
        #expect(try await api.call("POST", path + ":retry").status == 201)
        #expect(try await api.call("DELETE", path).status == 204)
        #expect(try await api.call("DELETE", path).status == 404)
        #expect(try await api.call("PUT", path).status == 405)
        #expect(try await api.call("POST", path + ":run").status == 404)
        #expect(try await api.call("GET", "/v1/quarantine/x").status == 404)
    }
}
