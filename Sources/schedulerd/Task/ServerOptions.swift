import ArgumentParser
import FoundationEssentials
import Scheduler

/// Options of all commands that talk to a server.
struct ServerOptions: ParsableArguments {
    @Option(help: "Where the server is. Default: SCHEDULERD_URL, else http://127.0.0.1:8080.")
    var server: String?
    @Option(
        help: ArgumentHelp(
            "The file that holds the API key. Default: SCHEDULERD_API_KEY, else the file SCHEDULERD_API_KEY_FILE.",
            valueName: "path"))
    var keyFile: String?
    @Flag(help: "Print the server's JSON as it is.")
    var json = false

    private func client() throws -> APIClient {
        let environment = ProcessInfo.processInfo.environment
        return APIClient(
            server: server ?? environment["SCHEDULERD_URL"] ?? "http://127.0.0.1:8080", key: try key(environment))
    }

    /// Never from the command line itself, where everybody on the machine can read it.
    private func key(_ environment: [String: String]) throws -> String? {
        if keyFile == nil, let key = environment["SCHEDULERD_API_KEY"], !key.isEmpty { return key }
        guard let path = keyFile ?? environment["SCHEDULERD_API_KEY_FILE"], !path.isEmpty else { return nil }
        guard let content = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(["schedulerd: the file of the API key cannot be read: \(path)"]).report()
        }
        let key = String(decoding: content, as: UTF8.self).filter { !$0.isWhitespace }
        guard !key.isEmpty, key.utf8.count <= 200, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw CommandFailure(["schedulerd: \(path) does not hold an API key"]).report()
        }
        return key
    }

    /// Makes one call and prints its answer.
    /// - Parameter print: for people; what the server sent otherwise goes out as it is.
    /// - Returns: the answer.
    /// - Throws: an exit after the problem was printed.
    @discardableResult
    func call(
        _ method: String, _ path: String, query: [(String, String)] = [], headers: [(String, String)] = [],
        json body: [UInt8]? = nil, print show: (JSONValue) -> [String]
    ) async throws -> JSONValue {
        let (document, reply) = try await exchange(method, path, query: query, headers: headers, json: body)
        if json {
            print(String(decoding: reply.body, as: UTF8.self))
        } else {
            for line in show(document) { print(line) }
        }
        return document
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
        let client = try client()
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
