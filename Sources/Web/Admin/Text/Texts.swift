import Mustache
import Yams

/// Every word of the pages in one language: the table in `Texts/<language>.yaml`. Templates write `{{t.key}}`.
struct Texts: Sendable, MustacheParent {
    let language: Language
    let table: [String: String]

    private static let all = Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0, Texts($0)) })

    static func of(_ language: Language) -> Texts { all[language]! }

    private init(_ language: Language) {
        self.language = language
        let file = EmbeddedFiles.all.first { $0.name == "\(language.rawValue).yaml" }!
        guard let table = try? Yams.load(yaml: file.text) as? [String: String] else {
            preconditionFailure("\(file.name) is not a table of texts")
        }
        self.table = table
    }

    /// - Parameter values: what stands for `{name}` in the text.
    func callAsFunction(_ key: String, _ values: [String: String] = [:]) -> String {
        guard var text = table[key] else { return "[\(key)]" }
        for (name, value) in values { text.replace("{\(name)}", with: value) }
        return text
    }

    func child(named key: String) -> Any? { self(key) }
}
