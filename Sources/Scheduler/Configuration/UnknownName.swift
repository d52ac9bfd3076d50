/// What to say about a key that the table does not have.
enum UnknownName {
    /// “unknown key”, with the name that was probably meant: one nearby in spelling, or the same one elsewhere.
    static func problem(_ path: String) -> String {
        let (section, name) = ConfigurationKey.split(path)
        let near = Spelling.nearest(to: name, among: ConfigurationTable.names(in: section))
        let elsewhere = (ConfigurationTable.keys.map(\.path) + ConfigurationTable.sections.map(\.path)).first {
            ConfigurationKey.split($0).name == name && !name.isEmpty
        }
        let suggestion = (near ?? elsewhere).map { "; did you mean \"\($0)\"?" } ?? ""
        return "unknown key" + suggestion
    }
}
