/// Why `schedulerd dev` cannot run; for the person at the terminal.
struct DevFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
