import FoundationEssentials
import TestSupport

/// A file of `config/`, with the places that a test's own machine has.
enum Example {
    struct Unchanged: Error {
        let file: String
        let text: String
    }

    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "config")

    /// - Throws: when a text that is to be replaced is not there: the test would use the machine's own places.
    static func read(_ file: String, replacing places: [(String, String)]) throws -> String {
        var text = String(decoding: try Data(contentsOf: folder.appending(path: file)), as: UTF8.self)
        for (place, substitute) in places {
            guard text.contains(place) else { throw Unchanged(file: file, text: place) }
            text = text.replacing(place, with: substitute)
        }
        return text
    }
}
