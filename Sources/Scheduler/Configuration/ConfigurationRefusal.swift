/// Why a value was not taken: what was written, and what is wrong with it.
///
/// The two are kept apart so that a secret's value can be left out of the message.
package struct ConfigurationRefusal: Error, Sendable, Hashable {
    /// The value or the element of a list at fault, as written; `nil` when the fault has no single value.
    package let subject: String?
    /// What is wrong with it, to be read after the subject: “is not a whole number”.
    package let fault: String
    /// The index of the element at fault, for lists.
    package let element: Int?

    package init(_ subject: String?, _ fault: String, element: Int? = nil) {
        self.subject = subject
        self.fault = fault
        self.element = element
    }

    /// The message, without the value when it is secret.
    package func message(secret: Bool) -> String {
        guard let subject else { return fault }
        return (secret ? "the value" : Self.quoted(subject)) + " " + fault
    }

    /// A value between quotation marks, cut to a readable length, control characters made visible.
    package static func quoted(_ text: String) -> String {
        let limit = 60
        var shown = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                shown += scalar.escaped(asASCII: true)
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return "\"" + shown + (text.unicodeScalars.count > limit ? "…" : "") + "\""
    }
}
