// schedulerd from Swift, with Foundation only: asks for a call, safely again when there is no answer, and waits for its end.
//   SCHEDULERD_URL=http://127.0.0.1:8080 [SCHEDULERD_API_KEY=…] swiftc -parse-as-library client.swift && ./client URL_TO_CALL
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct CalledTask: Decodable {
    let id: String
    let state: String
    let version: Int

    var isOver: Bool { ["succeeded", "dead", "cancelled"].contains(state) }
}

/// An answer that says what is wrong.
struct Refusal: Error {
    let status: Int
    let body: String

    /// Not to be sent again.
    var isFinal: Bool { status < 500 && status != 409 && status != 429 }
}

struct Client {
    let server: String
    let apiKey: String?

    func call(_ method: String, _ path: String, _ document: [String: Any]? = nil, _ headers: [String: String] = [:])
        async throws -> CalledTask
    {
        var request = URLRequest(url: URL(string: server + path)!, timeoutInterval: 10)
        request.httpMethod = method
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        if let apiKey { request.setValue("Bearer \(apiKey)", forHTTPHeaderField: "Authorization") }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        if let document { request.httpBody = try JSONSerialization.data(withJSONObject: document) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as! HTTPURLResponse).statusCode
        guard (200..<300).contains(status) else {
            throw Refusal(status: status, body: String(decoding: data, as: UTF8.self))
        }
        return try JSONDecoder().decode(CalledTask.self, from: data)
    }

    /// One key for one request, however often it is sent: it makes one task.
    func create(_ task: [String: Any]) async throws -> CalledTask {
        let key = UUID().uuidString
        var attempt = 1
        while true {
            do {
                return try await call("POST", "/v1/tasks", task, ["Idempotency-Key": key])
            } catch {
                if (error as? Refusal)?.isFinal == true || attempt == 5 { throw error }
            }
            try await Task.sleep(for: .milliseconds(200 << attempt))
            attempt += 1
        }
    }
}

@main
struct Main {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let client = Client(
            server: environment["SCHEDULERD_URL"] ?? "http://127.0.0.1:8080", apiKey: environment["SCHEDULERD_API_KEY"])
        var task = try await client.create([
            "plan_time": Date().timeIntervalSince1970 + 0.2,
            "request": ["url": CommandLine.arguments[1], "body": "order=42"], "labels": ["order": "42"],
        ])
        let path = "/v1/tasks/\(task.id)"
        // Another time, if nobody has changed the task meanwhile.
        do {
            _ = try await client.call("PATCH", path, ["plan_time": 0], ["If-Match": "\"\(task.version)\""])
        } catch let refusal as Refusal where [409, 412].contains(refusal.status) {}
        for _ in 0..<100 where !task.isOver {
            try await Task.sleep(for: .milliseconds(100))
            task = try await client.call("GET", path)
        }
        print(task.id, task.state)
    }
}
