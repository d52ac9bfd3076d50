/// One statement with its parameters, sent by the binary protocol and prepared once per connection.
///
/// Every interpolated value becomes a parameter, never text: `"SELECT state FROM \(tables.tasks) WHERE id = \(id)"`.
package struct Query: Sendable, ExpressibleByStringInterpolation {
    package private(set) var text: String
    package private(set) var parameters: [SQLValue]

    package init(stringLiteral text: String) {
        self.text = text
        self.parameters = []
    }

    package init(stringInterpolation: Interpolation) {
        self.text = stringInterpolation.text
        self.parameters = stringInterpolation.parameters
    }

    package static func + (left: Query, right: Query) -> Query {
        var sum = left
        sum.text += right.text
        sum.parameters += right.parameters
        return sum
    }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var parameters: [SQLValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount)
            parameters.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        package mutating func appendInterpolation(_ value: some SQLConvertible) {
            text += "?"
            parameters.append(value.sqlValue)
        }

        /// NULL when there is none.
        package mutating func appendInterpolation(optional value: (some SQLConvertible)?) {
            text += "?"
            parameters.append(value?.sqlValue ?? .null)
        }

        package mutating func appendInterpolation(_ table: TableName) {
            text += table.text
        }

        /// `(?, ?, …)`. The list must not be empty: SQL has no empty list.
        package mutating func appendInterpolation(list values: [some SQLConvertible]) {
            text += "(" + Array(repeating: "?", count: values.count).joined(separator: ", ") + ")"
            parameters += values.map(\.sqlValue)
        }
    }
}

/// The name of a table or view as it stands in a statement: the configured prefix and the name of the design.
package struct TableName: Sendable, Hashable {
    package let text: String

    /// `prefix` is checked by the configuration: letters, digits and underscores only.
    package init(prefix: String, _ name: String) {
        text = prefix + name
    }
}
