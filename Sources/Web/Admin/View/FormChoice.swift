import Scheduler

/// An entry of a selection in a form.
struct FormChoice {
    let value: String
    let text: String
    let isChosen: Bool

    init(_ value: String, _ text: String, isChosen: Bool) {
        (self.value, self.text, self.isChosen) = (value, text, isChosen)
    }
}

/// Something wrong with what was typed.
struct ShownProblem {
    let field: String
    let detail: String

    init(_ problem: FieldProblem) {
        field = Problem.shortened(problem.field)
        detail = problem.detail
    }
}
