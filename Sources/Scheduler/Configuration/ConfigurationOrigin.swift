/// Where a value comes from.
package enum ConfigurationOrigin: Sendable, Hashable, CustomStringConvertible {
    /// A place in the file; line and column count from 1, columns in Unicode scalars. `nil` for the file as a whole.
    case file(String, ConfigurationPosition?)
    /// An environment variable, by name.
    case environment(String)
    /// An option of the command line, by name.
    case option(String)
    /// The default in the table.
    case table

    package var description: String {
        switch self {
        case .file(let name, let position?): "\(name):\(position.line):\(position.column)"
        case .file(let name, nil): name
        case .environment(let variable): variable
        case .option(let name): name
        case .table: "default"
        }
    }

    package var position: ConfigurationPosition? {
        if case .file(_, let position) = self { position } else { nil }
    }
}

/// A place in the file.
package struct ConfigurationPosition: Sendable, Hashable, Comparable {
    /// From 1.
    package let line: Int
    /// From 1, in Unicode scalars.
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
