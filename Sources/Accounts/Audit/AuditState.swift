/// What something was before, or is after, somebody changed it: a JSON object.
package struct AuditState: Sendable, Equatable {
    package let json: String

    /// Longer ones are replaced by a note of their length.
    static let longest = 16_384

    /// - Parameter json: a JSON object.
    package init(json: String) {
        let bytes = json.utf8.count
        self.json = bytes <= Self.longest ? json : #"{"omitted_bytes":\#(bytes)}"#
    }

    /// An object of texts, in this order.
    package init(_ members: KeyValuePairs<String, String>) {
        self.init(json: "{" + members.map { "\(Self.quoted($0)):\(Self.quoted($1))" }.joined(separator: ",") + "}")
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension User {
    /// All but the password.
    package var auditState: AuditState {
        AuditState([
            "name": profile.name, "role": profile.role.rawValue, "email": profile.email, "real_name": profile.realName,
            "telephone": profile.telephone, "status": disabledAt == nil ? "enabled" : "disabled",
        ])
    }
}
