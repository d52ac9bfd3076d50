/// What `schedulerd dev` says to the person at the terminal.
enum DevConsole {
    static func say(_ text: String) {
        StandardError.write("dev: \(text)\n")
    }

    static func welcome(port: Int, folder: DataFolder, database: String, redis: String) {
        let server = "http://127.0.0.1:\(port)"
        StandardError.write(
            """

            schedulerd is ready.

              HTTP API   \(server)
              Pages      \(server)/admin
              MariaDB    \(database) (user root, database \(MariaDBServer.database))
              Redis      \(redis)
              data       \(folder.path)

            Ask for a callback 5 seconds ahead; its arrival is shown here:

            \(example(server))

            Ctrl-C stops everything; the data stays.


            """)
    }

    /// To be pasted into a shell.
    static func example(_ server: String) -> String {
        """
        curl \(server)/v1/tasks -H 'Content-Type: application/json' -d "{\\"plan_time\\": $(($(date +%s) + 5)), \
        \\"request\\": {\\"method\\": \\"POST\\", \\"url\\": \\"\(server)\(DevEcho.path)\\", \\"body\\": \\"hello\\"}}"
        """
    }
}
