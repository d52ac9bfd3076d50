import ArgumentParser
import Scheduler

struct DestinationSecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret",
        abstract: "Secrets that calls to a destination are signed with: add, drop.",
        discussion: """
            Two may be valid at once: add one, give it to the receiver, then drop the older one.

            Examples:
              schedulerd destination secret add https://shop.example
              schedulerd destination secret drop https://shop.example
            """,
        subcommands: [Add.self, Drop.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make one, and print it: nobody is shown it again.",
            discussion: """
                The server needs signing.database_key, with which it encrypts the secret in the database.

                Example:
                  schedulerd destination secret add https://shop.example
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "Its number or URL.") var destination: String
        @Flag(help: "Read it from the first line of standard input, in place of a random one.") var secretStdin = false

        func run() async throws {
            var writer = JSONWriter()
            writer.object { writer in
                if secretStdin { writer.member("secret", readLine() ?? "") }
            }
            try await server.call("POST", DestinationCommand.path(destination) + ":add-secret", json: writer.bytes) {
                [TaskPrinter.text($0["secret"])]
            }
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the older of two away, or all of them.",
            discussion: """
                Example:
                  schedulerd destination secret drop https://shop.example
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "Its number or URL.") var destination: String
        @Flag(help: "All that are in the database: then nothing is signed with them.") var all = false

        func run() async throws {
            var writer = JSONWriter()
            writer.object { $0.member("all", all) }
            try await server.call("POST", DestinationCommand.path(destination) + ":drop-secret", json: writer.bytes) {
                DestinationPrinter.lines($0)
            }
        }
    }
}
