import Accounts
import Foundation
import Scheduler
import Testing
import Transfer

@testable import Web

/// No text is missing in any language, and none stands there for nothing.
struct TextsTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Sources/Web/Admin").standardized

    /// Keys that code makes of the cases of a type.
    private static let made: Set<String> = {
        var keys = TaskState.allCases.map { "state_\($0.rawValue)" }
        keys += Role.allCases.flatMap { ["role_\($0.rawValue)", "needs_role_\($0.rawValue)"] }
        keys += Notice.allCases.map { "notice_\($0.rawValue)" }
        keys += AuditAction.allCases.map { "audit_\($0.rawValue)" }
        keys += BulkOperation.State.allCases.map { "operation_\($0.rawValue)" }
        keys += OnLost.allCases.map { "on_lost_\($0.rawValue)" }
        keys += SuccessRule.NamedRule.allCases.map { "rule_\($0.rawValue)" }
        keys += ProblemKind.allCases.map { "problem_\($0.rawValue)" }
        keys += Page.Section.allCases.map(\.textKey)
        keys += TransferFailure.Kind.allCases.map { "class_\($0.rawValue)" }
        keys += ["success", "status", "rule", "lost"].map { "class_\($0)" }
        keys += MissedRuns.allCases.map { "missed_\($0.rawValue)" } + Overlap.allCases.map { "overlap_\($0.rawValue)" }
        keys += KeyScope.allCases.map { "scope_\(KeyPages.field($0))" }
        keys += FollowUp.Occasion.allCases.map(\.textKey)
        keys += ["lookup", "connect", "tls", "wait", "receive"].map { "timing_\($0)" }
        return Set(keys)
    }()

    /// Keys that templates and code name.
    private static let named: Set<String> = {
        var keys: Set<String> = []
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)!
        for case let file as URL in files {
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
            if file.pathExtension == "mustache" {
                for match in text.matches(of: #/\{\{[#^]?t\.([a-z0-9_]+)/#) { keys.insert(String(match.1)) }
            } else if file.pathExtension == "swift" {
                for match in text.matches(of: #/texts\(\s*(?:[a-z]+ == nil \? )?"([a-z0-9_]+)"(?: : "([a-z0-9_]+)")?/#)
                {
                    keys.insert(String(match.1))
                    if let other = match.2 { keys.insert(String(other)) }
                }
            }
        }
        return keys
    }()

    @Test(arguments: Language.allCases)
    func everyTextIsThere(_ language: Language) {
        #expect(Self.named.count > 150, "templates and code were read")
        let table = Texts.of(language).table
        for key in Self.named.union(Self.made).sorted() {
            #expect(table[key]?.isEmpty == false, "\(key) is missing in \(language.rawValue)")
        }
    }

    @Test(arguments: Language.allCases)
    func noTextIsThereForNothing(_ language: Language) {
        let wanted = Self.named.union(Self.made)
        for key in Texts.of(language).table.keys.sorted() {
            #expect(wanted.contains(key), "\(key) is used nowhere")
        }
    }

    @Test func languagesFillInTheSameValues() {
        func values(_ text: String) -> [String] { text.matches(of: #/\{[a-z]+\}/#).map { String($0.0) }.sorted() }
        let tables = Language.allCases.map { Texts.of($0).table }
        for (key, text) in tables[0] {
            for table in tables { #expect(values(table[key] ?? "") == values(text), "\(key)") }
        }
    }

    @Test(arguments: [
        (nil, Language.english), ("", .english), ("de-DE,fr;q=0.9", .english), ("zh-CN,zh;q=0.9,en;q=0.8", .chinese),
        ("en-GB,en;q=0.9,zh;q=0.8", .english), ("en;q=0.3, zh-Hant;q=0.7", .chinese), ("*;q=0.1,zh;q=0", .english),
        ("zh;q=x", .chinese), (String(repeating: "de,", count: 5000) + "zh", .english),
    ])
    func theBrowserSaysWhichLanguage(_ field: String?, _ language: Language) {
        #expect(Language(accepting: field) == language)
    }
}
