/// The environment variables and the options of the command line, held against the table of keys.
///
/// Every key has a variable; a variable overrides the file, and an option the variable. An empty variable means the
/// key's default, as an empty value in the file does. Elements of a list are separated by commas. Lists of entries can
/// be given in the file only.
struct ConfigurationOverrides {
    static let prefix = "SCHEDULERD_"
    /// Variables that are for the commands and not for the configuration.
    static let others: Set<String> = [
        "SCHEDULERD_CONFIG", "SCHEDULERD_URL", "SCHEDULERD_API_KEY", "SCHEDULERD_API_KEY_FILE",
    ]
    /// Variables that tests use among themselves.
    static let testPrefix = "SCHEDULERD_TEST_"

    private(set) var problems: [ConfigurationError.Problem] = []
    private(set) var warnings: [String] = []

    /// Sets in `values` what is set here, in the order of the variables' names.
    init(
        _ environment: [String: String], _ options: [ConfigurationInput.Option], into values: inout ConfigurationValues
    ) {
        let keys = Dictionary(uniqueKeysWithValues: ConfigurationTable.keys.map { ($0.variable, $0) })
        for (variable, text) in environment.sorted(by: { $0.key < $1.key }) {
            guard variable.hasPrefix(Self.prefix), !variable.hasPrefix(Self.testPrefix), !Self.others.contains(variable)
            else { continue }
            let origin = ConfigurationOrigin.environment(variable)
            guard let key = keys[variable] else {
                let names = keys.values.filter { $0.effect != .none }.map(\.variable).sorted()
                let suggestion = Spelling.suggestion(for: variable, among: names)
                report(
                    origin, "", "unknown variable" + suggestion,
                    accepted: "every variable beginning \(Self.prefix) must name a key, such as SCHEDULERD_SERVER_PORT")
                continue
            }
            if key.effect == .none {
                warnings.append("\(variable): \(key.path): has no meaning for schedulerd; ignored")
            }
            if text.isEmpty { values.unset(key) } else { set(key, to: text, from: origin, in: &values) }
        }
        for option in options {
            guard let key = ConfigurationTable.key(option.path) else {
                preconditionFailure("\(option.path) is not in the table")
            }
            set(key, to: option.value, from: .option(option.name), in: &values)
        }
    }

    private mutating func set(
        _ key: ConfigurationKey, to text: String, from origin: ConfigurationOrigin,
        in values: inout ConfigurationValues
    ) {
        do throws(ConfigurationRefusal) {
            if case .entries = key.kind {
                throw ConfigurationRefusal(nil, "is a list of entries, which no variable can give")
            } else if key.kind.isList {
                let elements = text.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
                values.set(key, to: try key.kind.value(of: elements), from: origin)
            } else {
                values.set(key, to: try key.kind.value(of: text, default: key.standard), from: origin)
            }
        } catch {
            values.refuse(key)
            let accepted =
                switch key.kind {
                case .entries: "write \(key.path) in the configuration file"
                case _ where key.kind.isList: "accepted: \(key.accepted), here with commas between the elements"
                default: "accepted: " + key.accepted
                }
            report(origin, key.path, error.message(secret: key.isSecret), accepted: accepted)
        }
    }

    private mutating func report(_ origin: ConfigurationOrigin, _ path: String, _ problem: String, accepted: String) {
        problems.append(ConfigurationError.Problem(origin, path, problem, accepted: accepted))
    }

    private static func trimmed(_ element: Substring) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        let start = element.drop(while: isSpace)
        return String(start.reversed().drop(while: isSpace).reversed())
    }
}
