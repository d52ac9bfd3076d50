import ArgumentParser
import FoundationEssentials
import Scheduler

struct TaskBatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Ask for up to 1,000 calls at once.",
        discussion: """
            The file has a task on each line, in the form of POST /v1/tasks. With --key, sent again, nothing is made twice.

            Examples:
              schedulerd task batch tasks.jsonl
              schedulerd task batch --each --key import-2026-11-20 - < tasks.jsonl
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "A file with a JSON object on each line; - for standard input.") var file: String
    @Flag(help: "Make each task by itself. Default: all of them, or none.") var each = false
    @Option(help: "The Idempotency-Key of the request.") var key: String?

    func run() async throws {
        let body = try document()
        let headers = key.map { [("Idempotency-Key", $0)] } ?? []
        try await server.call("POST", "/v1/tasks:batch", headers: headers, json: body) { answer in
            let results = answer["results"]?.elements ?? []
            return results.enumerated().map { index, result in
                let what = result["id"]?.text ?? result["problem"].map { TaskPrinter.text($0["detail"]) } ?? ""
                return "\(index + 1)  \(TaskPrinter.text(result["status"]))  \(TaskPrinter.printable(what))"
            }
        }
    }

    private func document() throws -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(filePath: file == "-" ? "/dev/stdin" : file)))
        } catch {
            throw CommandFailure(["schedulerd: \(file) cannot be read: \(error)"]).report()
        }
        var tasks: [JSONValue] = []
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            do throws(JSONFault) {
                tasks.append(try JSONParser.parse(Array(line)))
            } catch {
                throw CommandFailure(["schedulerd: line \(number + 1) of \(file) is not JSON: \(error.message)"])
                    .report()
            }
        }
        var writer = JSONWriter(capacity: bytes.count + 64)
        writer.object { writer in
            writer.member("mode", each ? "each" : "all")
            writer.member("tasks", .array(tasks))
        }
        return writer.bytes
    }
}
