import Yams

/// A configuration file, read as YAML and held against the table of keys.
///
/// Scalars are taken as they are written: YAML's own guesses about numbers (`1_5`), words (`off`) and dates are not
/// used.
struct ConfigurationDocument {
    private(set) var values = ConfigurationValues()
    private(set) var problems: [ConfigurationError.Problem] = []
    private(set) var warnings: [String] = []
    /// What the file says when it is a single entry; `nil` when anything is wrong with it.
    private(set) var entry: ConfigurationEntry?

    private let name: String
    /// What the file as a whole is held against; `nil`: the sections.
    private let table: ConfigurationEntryTable?
    /// Keys that were given before, and where, by the place of their repetition.
    private var repetitions: [ConfigurationPosition: (key: String, first: ConfigurationPosition)] = [:]
    private var anchored: Set<ConfigurationPosition> = []

    /// - Parameters:
    ///   - bytes: The file's content.
    ///   - name: The file's name, for messages.
    ///   - table: The keys of a file that is a single entry; `nil`: it consists of sections.
    init(_ bytes: some Sequence<UInt8>, name: String, table: ConfigurationEntryTable? = nil) {
        self.name = name
        self.table = table
        do throws(ConfigurationText.Fault) {
            var text = try ConfigurationText(bytes)
            parse(&text)
        } catch {
            report(error.position, "", error.problem)
        }
        problems.sort { $0.origin.position ?? .start < $1.origin.position ?? .start }
    }

    /// Parses until no mapping has a key twice; each repetition is reported and masked.
    private mutating func parse(_ text: inout ConfigurationText) {
        while true {
            do {
                let parser = try Parser(yaml: text.string)
                // Nodes refer weakly to the anchors, which the parser keeps.
                try withExtendedLifetime(parser) {
                    readRoot(try parser.singleRoot())
                }
                return
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let first = ConfigurationPosition(context.mark)
                let key = keys.first ?? ""
                guard let second = text.mask(key, givenFirstAt: first) else {
                    report(first, key, "given twice in this section", accepted: "give each key once")
                    return reportRepetitions()
                }
                repetitions[second] = (key, first)
            } catch {
                report(error, in: text)
                return reportRepetitions()
            }
        }
    }

    private mutating func readRoot(_ root: Node?) {
        switch (root, table) {
        case (.mapping(let mapping)?, let table?): entry = readEntry(.mapping(mapping), table, path: "")
        case (.mapping(let mapping)?, nil): read(mapping, section: "")
        case (nil, nil): break
        case (.scalar(let scalar)?, nil) where Self.isNull(scalar): break
        case (_, nil):
            report(
                root.map(position) ?? .start, "", "the file does not consist of sections",
                accepted: "write keys and values, such as \"server:\" and below it \"  port: 8080\"")
        case (_, let table?):
            report(
                root.map(position) ?? .start, "", "the file is not an object of JSON",
                accepted: acceptedNames(table.names))
        }
    }

    private mutating func read(_ mapping: Node.Mapping, section: String) {
        for member in members(of: mapping, path: section, names: ConfigurationTable.names(in: section)) {
            read(member)
        }
    }

    private mutating func read(_ member: Member) {
        let (path, node) = (member.path, member.node)
        guard !hasAnchor(node, path: path) else { return }
        if let key = ConfigurationTable.key(path) {
            warnOfNoEffect(key, member)
            switch reading(node, key, path: path, standard: key.standard) {
            case .unset: break
            case .value(let value): values.set(key, to: value, from: origin(position(node)))
            case .refused: values.refuse(key)
            }
            return
        }
        guard ConfigurationTable.isSection(path) else {
            let names = ConfigurationTable.names(in: ConfigurationKey.split(path).section)
            return report(member.place, path, UnknownName.problem(path), accepted: acceptedNames(names))
        }
        switch node {
        case .mapping(let mapping): read(mapping, section: path)
        case .scalar(let scalar) where Self.isNull(scalar): break
        case .scalar, .sequence, .alias:
            let names = ConfigurationTable.names(in: path)
            report(position(node), path, "is a section, not a value", accepted: acceptedNames(names))
        }
    }

    /// One key of a mapping.
    private struct Member {
        let name: String
        let path: String
        /// Where the name stands.
        let place: ConfigurationPosition
        let node: Node
    }

    /// The keys of a mapping in order, each once; what is not a name and what is there twice is reported.
    private mutating func members(of mapping: Node.Mapping, path: String, names: [String]) -> [Member] {
        var seen: [String: ConfigurationPosition] = [:]
        var members: [Member] = []
        for (keyNode, node) in mapping {
            let place = position(keyNode)
            guard !hasAnchor(keyNode, path: path) else { continue }
            guard case .scalar(let scalar) = keyNode, !scalar.string.isEmpty else {
                report(place, path, "a key must be a name", accepted: acceptedNames(names))
                continue
            }
            let repetition = repetitions[place]
            let name = repetition?.key ?? scalar.string
            let member = Member(name: name, path: path.isEmpty ? name : path + "." + name, place: place, node: node)
            if let first = repetition?.first ?? seen[name] {
                reportRepetition(member.path, at: place, line: first.line)
                continue
            }
            seen[name] = place
            members.append(member)
        }
        return members
    }

    /// What a key was given.
    private enum Reading {
        case unset
        case value(ConfigurationValue)
        /// The reason is reported.
        case refused
    }

    /// - Parameter standard: The default, `nil` when there is none.
    private mutating func reading(
        _ node: Node, _ key: ConfigurationKey, path: String, standard: ConfigurationValue?
    ) -> Reading {
        var places = [position(node)]
        do throws(ConfigurationRefusal) {
            switch node {
            case .scalar(let scalar):
                if Self.isNull(scalar) { return .unset }
                try Self.checkTag(scalar)
                return .value(try key.kind.value(of: scalar.string, default: standard))
            case .sequence(let sequence):
                if case .entries(let table) = key.kind { return readEntries(sequence, table, path: path) }
                var elements: [String] = []
                for element in sequence {
                    places.append(position(element))
                    guard !hasAnchor(element, path: path) else { return .refused }
                    guard case .scalar(let scalar) = element else {
                        throw ConfigurationRefusal(nil, "an element is not a single value", element: elements.count)
                    }
                    try Self.checkTag(scalar)
                    elements.append(scalar.string)
                }
                return .value(try key.kind.value(of: elements))
            case .mapping, .alias:
                throw ConfigurationRefusal(nil, "is a section here, not a \(key.kind.isList ? "list" : "value")")
            }
        } catch {
            let place = error.element.map { places[$0 + 1] } ?? places[0]
            report(place, path, error.message(secret: key.isSecret), accepted: "accepted: " + key.accepted)
            return .refused
        }
    }

    private mutating func readEntries(_ sequence: Node.Sequence, _ table: ConfigurationEntryTable, path: String)
        -> Reading
    {
        guard sequence.count <= ConfigurationEntryTable.maximum else {
            let maximum = "write at most \(ConfigurationEntryTable.maximum)"
            report(position(.sequence(sequence)), path, "has \(sequence.count) entries", accepted: maximum)
            return .refused
        }
        var entries: [ConfigurationEntry] = []
        for (index, node) in sequence.enumerated() {
            if let entry = readEntry(node, table, path: "\(path)[\(index)]") { entries.append(entry) }
        }
        return entries.count == sequence.count ? .value(.entries(entries)) : .refused
    }

    /// Reads a mapping by a table of its own. - Returns: nil when anything is wrong with it, which is reported.
    private mutating func readEntry(_ node: Node, _ table: ConfigurationEntryTable, path: String) -> ConfigurationEntry?
    {
        guard !hasAnchor(node, path: path) else { return nil }
        let before = problems.count
        guard case .mapping(let mapping) = node else {
            report(position(node), path, "is not an entry", accepted: acceptedNames(table.names))
            return nil
        }
        var entry = ConfigurationEntry(at: origin(position(node)))
        var named: Set<String> = []
        for member in members(of: mapping, path: path, names: table.names) {
            guard let field = table.field(member.name) else {
                let suggestion = Spelling.suggestion(for: member.name, among: table.names)
                report(member.place, member.path, "unknown key" + suggestion, accepted: acceptedNames(table.names))
                continue
            }
            named.insert(member.name)
            guard !hasAnchor(member.node, path: member.path) else { continue }
            warnOfNoEffect(field.key, member)
            let standard: ConfigurationValue? = field.isRequired ? nil : field.key.standard
            switch reading(member.node, field.key, path: member.path, standard: standard) {
            case .unset: named.remove(member.name)
            case .value(let value): entry.set(member.name, to: value, from: origin(position(member.node)))
            case .refused: break
            }
        }
        for field in table.fields where field.isRequired && !named.contains(field.key.name) {
            report(
                position(node), path, "lacks the key \(field.key.name)", accepted: "accepted: " + field.key.accepted)
        }
        return problems.count == before ? entry : nil
    }

    private mutating func warnOfNoEffect(_ key: ConfigurationKey, _ member: Member) {
        guard key.effect == .none else { return }
        warnings.append("\(origin(member.place)): \(member.path): has no meaning for schedulerd; ignored")
    }

    /// Anchors and aliases would make a value's place differ from where it takes effect; they are refused.
    private mutating func hasAnchor(_ node: Node, path: String) -> Bool {
        guard node.anchor != nil else { return false }
        let place = position(node)
        if anchored.insert(place).inserted {
            report(place, path, "anchors and aliases (& and *) are not accepted", accepted: "write the value out")
        }
        return true
    }

    private static func checkTag(_ scalar: Node.Scalar) throws(ConfigurationRefusal) {
        let tag = scalar.tag.description
        guard tag.isEmpty || tag == Tag.Name.str.rawValue else {
            throw ConfigurationRefusal(nil, "the tag \(ConfigurationRefusal.quoted(tag)) is not accepted")
        }
    }

    /// Whether a scalar stands for “not set”.
    private static func isNull(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}

extension ConfigurationDocument {
    private func position(_ node: Node) -> ConfigurationPosition {
        node.mark.map(ConfigurationPosition.init) ?? .start
    }

    private func origin(_ position: ConfigurationPosition) -> ConfigurationOrigin {
        .file(name, position)
    }

    private func acceptedNames(_ names: [String]) -> String {
        "accepted here: " + names.joined(separator: ", ")
    }

    private mutating func report(
        _ position: ConfigurationPosition, _ path: String, _ problem: String, accepted: String = ""
    ) {
        problems.append(ConfigurationError.Problem(origin(position), path, problem, accepted: accepted))
    }

    private mutating func reportRepetition(_ path: String, at place: ConfigurationPosition, line: Int) {
        report(place, path, "given twice, first in line \(line)", accepted: "give each key once")
    }

    /// For a file whose sections cannot be read: without them, only the keys' names are known.
    private mutating func reportRepetitions() {
        for (place, repetition) in repetitions {
            reportRepetition(repetition.key, at: place, line: repetition.first.line)
        }
    }

    private mutating func report(_ error: any Error, in text: ConfigurationText) {
        guard let error = error as? YamlError else { return report(.start, "", "not YAML: \(error)") }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let place = min(ConfigurationPosition(mark), text.end)
            if text.isIndentedWithTab(line: place.line) {
                return report(place, "", "a tab at the beginning of the line", accepted: "indent with spaces")
            }
            let circumstances = context.map { " " + $0.text + " (line \($0.mark.line))" } ?? ""
            report(place, "", "not YAML: \(problem)\(circumstances)")
        case .composer(let context, let problem, let mark, _):
            let place = ConfigurationPosition(mark)
            if context != nil {
                report(place, "", "a second document begins here", accepted: "the file holds one document")
            } else {
                report(place, "", "not YAML: \(problem)")
            }
        default:
            report(.start, "", "not YAML: \(error)")
        }
    }
}

extension ConfigurationPosition {
    fileprivate static let start = ConfigurationPosition(line: 1, column: 1)

    fileprivate init(_ mark: Mark) {
        self.init(line: mark.line, column: mark.column)
    }
}
