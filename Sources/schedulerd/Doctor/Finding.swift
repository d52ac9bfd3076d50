/// What a check found.
struct Finding: Sendable, Equatable {
    enum Level: String, Sendable, Comparable, CaseIterable {
        case ok, warning, problem

        static func < (left: Level, right: Level) -> Bool {
            allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
        }
    }

    let level: Level
    /// What was looked at: a word or two.
    let subject: String
    /// What it is like.
    let state: String
    /// What to change and why; nil when it is well.
    let advice: String?

    static func ok(_ subject: String, _ state: String) -> Finding {
        Finding(level: .ok, subject: subject, state: state, advice: nil)
    }

    static func warning(_ subject: String, _ state: String, _ advice: String) -> Finding {
        Finding(level: .warning, subject: subject, state: state, advice: advice)
    }

    static func problem(_ subject: String, _ state: String, _ advice: String) -> Finding {
        Finding(level: .problem, subject: subject, state: state, advice: advice)
    }
}
