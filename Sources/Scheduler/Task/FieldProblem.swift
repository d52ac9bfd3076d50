/// One thing wrong with what somebody sent.
public struct FieldProblem: Sendable, Equatable {
    /// Path of the field, as the sender wrote it: `request.url`.
    public var field: String
    /// What is wrong, and what is accepted.
    public var detail: String

    public init(_ field: String, _ detail: String) {
        self.field = field
        self.detail = detail
    }
}

/// Everything wrong with what somebody sent.
public struct ValidationError: Error, Sendable, Equatable {
    public var problems: [FieldProblem]

    public init(_ problems: [FieldProblem]) {
        self.problems = problems
    }

    public init(_ field: String, _ detail: String) {
        problems = [FieldProblem(field, detail)]
    }
}
