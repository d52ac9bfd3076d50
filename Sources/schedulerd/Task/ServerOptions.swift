import ArgumentParser
import FoundationEssentials
import Scheduler

/// Options of all commands that talk to a server.
struct ServerOptions: ParsableArguments {
    @Option(help: "Where the server is. Default: SCHEDULERD_URL, else http://127.0.0.1:8080.")
    var server: String?
    @Flag(help: "Print the server's JSON as it is.")
    var json = false

    private var client: APIClient {
        APIClient(
            server: server ?? ProcessInfo.processInfo.environment["SCHEDULERD_URL"] ?? "http://127.0.0.1:8080")
    }

    /// Makes one call and prints its answer.
    /// - Parameter print: for people; what the server sent otherwise goes out as it is.
    /// - Throws: an exit after the problem was printed.
    func call(
        _ method: String, _ path: String, query: [(String, String)] = [], headers: [(String, String)] = [],
        json body: [UInt8]? = nil, print show: (JSONValue) -> [String]
    ) async throws {
        let (document, reply) = try await exchange(method, path, query: query, headers: headers, json: body)
        if json {
            print(String(decoding: reply.body, as: UTF8.self))
        } else {
            for line in show(document) { print(line) }
        }
    }

    /// Makes one call.
    /// - Throws: an exit after the problem was printed.
    func fetch(_ method: String, _ path: String, query: [(String, String)] = []) async throws -> JSONValue {
        try await exchange(method, path, query: query, headers: [], json: nil).document
    }

    private func exchange(
        _ method: String, _ path: String, query: [(String, String)], headers: [(String, String)],
        json body: [UInt8]?
    ) async throws -> (document: JSONValue, reply: APIClient.Reply) {
        let reply: APIClient.Reply
        do throws(APIClient.Unreachable) {
            reply = try await client.call(method, path, query: query, headers: headers, json: body)
        } catch {
            throw CommandFailure(error).report()
        }
        // No content is no document.
        if reply.status == 204 { return (.null, reply) }
        let document: JSONValue
        do throws(JSONFault) {
            document = try JSONParser.parse(reply.body)
        } catch {
            throw CommandFailure([
                "schedulerd: \(client.server) answered with status \(reply.status) and not with JSON;"
                    + " is it a schedulerd?"
            ]).report()
        }
        guard (200...299).contains(reply.status) else {
            if json { print(String(decoding: reply.body, as: UTF8.self)) }
            throw CommandFailure(Self.lines(problem: document, status: reply.status)).report()
        }
        return (document, reply)
    }

    /// What a problem document says: one line, or one for each field.
    static func lines(problem: JSONValue, status: Int) -> [String] {
        let errors = problem["errors"]?.elements ?? []
        let fields = errors.compactMap { error -> String? in
            guard let field = error["field"]?.text, let detail = error["detail"]?.text else { return nil }
            return "schedulerd: \(field): \(detail)"
        }
        if !fields.isEmpty { return fields }
        return ["schedulerd: \(problem["detail"]?.text ?? "the server answered with status \(status)")"]
    }
}
