import ArgumentParser
import Scheduler

/// What is called when a task has ended.
struct FollowUpOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What to call with the outcome when it has succeeded, as in the field on_success of the API.",
            valueName: "url or JSON"))
    var onSuccess: String?
    @Option(help: ArgumentHelp("The same when it is dead.", valueName: "url or JSON")) var onFailure: String?

    func validate() throws {
        _ = try members()
    }

    /// The members of a task's document.
    func members() throws -> [(String, JSONValue)] {
        try [("on_success", onSuccess, "--on-success"), ("on_failure", onFailure, "--on-failure")].compactMap {
            name, text, option in
            guard let text else { return nil }
            if text.first == "{" { return (name, try JSONValue(argument: text, of: option)) }
            return (name, .object([JSONMember("request", .object([JSONMember("url", .string(text))]))]))
        }
    }
}

extension JSONValue {
    init(argument text: String, of option: String) throws {
        do throws(JSONFault) {
            self = try JSONParser.parse(Array(text.utf8))
        } catch {
            throw ArgumentParser.ValidationError("\(option) is not JSON: \(error.description)")
        }
    }
}
